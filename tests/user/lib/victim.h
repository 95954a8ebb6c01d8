/* SPDX-License-Identifier: MIT */
/* An innocent thread that works while others attack: it computes, calls a server, and looks after
   its registers. Nothing of it may change by what others do. */
#ifndef TESTS_VICTIM_H
#define TESTS_VICTIM_H

#include "kit.h"

bool victim_begin(void);
/* Stops it and reports whether its checksum and its registers were always right. */
void victim_end(void);

#endif
