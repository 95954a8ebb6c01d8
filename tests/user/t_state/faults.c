/* SPDX-License-Identifier: MIT */
#include "t_state.h"
void test_faults(void) {}
void test_long_calls(void) {}
