/* SPDX-License-Identifier: MIT */
/* Colours of what is written next: SGR, ECMA-48 8.3.117, with xterm's 256 and direct colours. */
#ifndef DISPLAY_RENDITION_H
#define DISPLAY_RENDITION_H

#include "terminal.h"

/* The parameters of a control sequence say what changes. */
void rendition_select(struct terminal *terminal);

#endif
