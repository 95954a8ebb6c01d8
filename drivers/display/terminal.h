/* SPDX-License-Identifier: MIT */
/*
 * A terminal of 80 x 25 cells: bytes go in, a picture of the screen is kept. Portable; tests/host
 * feeds it good sequences and noise.
 *
 * Understood are UTF-8, and of ECMA-48 and the VT100:
 *   BS HT LF VT FF CR           CAN SUB (end a sequence); BEL and other controls do nothing
 *   ESC 7 8 D E M c             save, restore; index, next line, reverse index; reset
 *   CSI A B C D E F G H d f     cursor up, down, right, left, next, previous line; column, position
 *   CSI J K X                   erase in display, in line, characters
 *   CSI @ P L M S T             insert, delete characters, lines; scroll up, down
 *   CSI m r s u                 colours; scrolling region; save, restore
 *   CSI ? 25 h l, ? 7 h l       cursor shown, lines wrap
 * Everything else that is well-formed is swallowed. Sequences that want an answer get none.
 */
#ifndef DISPLAY_TERMINAL_H
#define DISPLAY_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#define TERMINAL_COLUMNS 80u
#define TERMINAL_ROWS 25u
#define TERMINAL_PARAMETERS 8u
#define TERMINAL_PLAIN 0x07u  /* attribute: light grey on black */
#define TERMINAL_BRIGHT 0x08u /* of a colour */

enum terminal_state {
    TERMINAL_TEXT,
    TERMINAL_ESCAPE,       /* after ESC */
    TERMINAL_INTERMEDIATE, /* after ESC and one of ! to /: one more byte */
    TERMINAL_CSI,          /* in the parameters */
    TERMINAL_CSI_IGNORED,  /* in a control sequence that means nothing to us */
    TERMINAL_STRING,       /* in OSC, DCS, SOS, PM, APC: until ST or BEL */
    TERMINAL_STRING_ESCAPE,
};

struct terminal_cursor {
    uint32_t row, column; /* always on the screen */
    bool wraps_next;      /* the last column is filled: the next character begins a line */
    uint8_t attribute;    /* of the VGA: foreground 0-3, background 4-7 */
    bool bold, reverse;   /* not yet part of `attribute` */
};

struct terminal {
    uint16_t cell[TERMINAL_ROWS][TERMINAL_COLUMNS]; /* character, attribute << 8 */
    struct terminal_cursor cursor, saved;
    uint32_t top, bottom; /* scrolling region, rows top <= row < bottom */
    bool cursor_hidden, stays_in_line;

    enum terminal_state state;
    uint32_t parameter[TERMINAL_PARAMETERS], parameters; /* the one being read is the last */
    bool is_private;                                     /* CSI ? */

    uint32_t character; /* UTF-8: bits so far, bytes to come, smallest that may take so many */
    uint32_t bytes_to_come, smallest;
};

/* Parameter `index` of the control sequence, or `missing` if it is not there or 0. */
static inline uint32_t terminal_parameter(const struct terminal *terminal, uint32_t index,
                                          uint32_t missing)
{
    uint32_t value = index < terminal->parameters && index < TERMINAL_PARAMETERS
                         ? terminal->parameter[index]
                         : 0;

    return value != 0 ? value : missing;
}

/* As after power on: empty, light grey on black. */
void terminal_reset(struct terminal *terminal);

void terminal_write(struct terminal *terminal, const uint8_t *bytes, uint32_t count);

#endif
