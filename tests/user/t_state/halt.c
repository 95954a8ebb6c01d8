/* SPDX-License-Identifier: MIT */
/* Row 23: halted, resumed, cancelled in each state. */
#include <string.h>

#include "t_state.h"
void test_halting(void) {}
void test_processor(void) {}
void test_faults(void) {}
void test_long_calls(void) {}
