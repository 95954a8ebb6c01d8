/* SPDX-License-Identifier: MIT */
/* What can be done to a terminal's cells; the sequences that ask for it are in terminal.c. */
#ifndef DISPLAY_SCREEN_H
#define DISPLAY_SCREEN_H

#include "terminal.h"

/* The attribute that is written now, bold and reverse included. */
uint8_t screen_attribute(const struct terminal_cursor *cursor);

/* Places the cursor; what is outside is moved to the edge. */
void screen_move(struct terminal *terminal, int32_t row, int32_t column);

/* Blanks cells from..to-1, counted along the rows. */
void screen_erase(struct terminal *terminal, uint32_t from, uint32_t to);

/* Moves rows first..last-1 by `count`: up, or down if it is negative. Blank ones come in. */
void screen_scroll(struct terminal *terminal, uint32_t first, uint32_t last, int32_t count);

/* Moves the rest of the cursor's line by `count`: left, or right if it is negative. */
void screen_shift(struct terminal *terminal, int32_t count);

/* One row down or up, scrolling at the edge of the region. */
void screen_line_feed(struct terminal *terminal);
void screen_line_back(struct terminal *terminal);

/* Puts a character of the font at the cursor. */
void screen_put(struct terminal *terminal, uint8_t place);

#endif
