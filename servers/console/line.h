/* SPDX-License-Identifier: MIT */
/*
 * The line discipline: what typed bytes become. Portable; tests/host types at it.
 *
 * COOKED: bytes collect in `edit`, echoed, until the line ends; then they can be read, a line at a
 * time. RAW: every byte can be read as it comes, nothing is echoed. Most keys can be changed.
 *
 *   Enter            ends the line           Backspace, Delete  takes back a character
 *   Ctrl-W, Ctrl-U   takes back a word, all  Ctrl-D             ends the file (or hands on a part)
 *   Ctrl-C, Ctrl-\, Ctrl-Z  discards the line and everything not yet read; and interrupts, quits,
 *                    suspends
 *   Ctrl-S, Ctrl-Q   holds output, and lets it go on
 */
#ifndef CONSOLE_LINE_H
#define CONSOLE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#define LINE_EDIT_MAX 256u
#define LINE_READY_MAX 2048u /* a power of two */

/* A byte that can be read; LINE_END: a read stops behind it; LINE_EOF: no byte, end of file. */
#define LINE_END 0x100u
#define LINE_EOF 0x200u
#define LINE_TYPED_RAW 0x400u /* not yet seen by the line discipline */

/* POSIX's c_cc: keys, 0: there is none; and when a raw read has enough. */
enum line_character {
    LINE_KEY_EOF,
    LINE_KEY_ERASE,
    LINE_KEY_KILL,
    LINE_KEY_INTERRUPT,
    LINE_KEY_QUIT,
    LINE_KEY_SUSPEND,
    LINE_LEAST,   /* VMIN: bytes */
    LINE_TIME,    /* VTIME: tenths of a second */
    LINE_KEY_END, /* ends a line as Enter does, and is its last character */
    LINE_KEY_START,
    LINE_KEY_STOP,
    LINE_CHARACTERS,
};

/* Ctrl-D, Delete, Ctrl-U, Ctrl-C, Ctrl-\, Ctrl-Z, one byte, no time, none, Ctrl-Q, Ctrl-S. */
#define LINE_CHARACTERS_USUAL                                                                      \
    {                                                                                              \
        4, 127, 21, 3, 28, 26, 1, 0, 0, 17, 19                                                     \
    }

struct line {
    bool raw;
    uint8_t characters[LINE_CHARACTERS];
    /* Departures from the usual (termios without ECHO, ISIG, ICRNL); RAW has all three. */
    bool silent, no_signals, keeps_return;
    bool no_flow; /* START and STOP are keys like others; RAW has that too */
    char edit[LINE_EDIT_MAX];
    uint32_t edited;
    uint16_t ready[LINE_READY_MAX];
    uint32_t first, next; /* count for ever; the place is taken modulo LINE_READY_MAX */
    /* Shows bytes on the terminal; "\n" has already become "\r\n". */
    void (*echo)(const char *bytes, uint32_t count);
};

/* What a byte asks for besides. */
enum line_wish { LINE_NOTHING, LINE_INTERRUPT, LINE_QUIT, LINE_SUSPEND, LINE_HOLD, LINE_LET };

/* Takes a byte that was typed. */
enum line_wish line_type(struct line *line, uint8_t byte);

/* Bytes typed ahead become what they would have been in the other mode; the last wish of theirs. */
enum line_wish line_set_raw(struct line *line, bool raw);

/*
 * What the next read gets: up to `most` bytes are copied, *items says what line_consume then has to
 * take away. Without *items there is nothing to read yet; items without bytes are an end of file.
 */
uint32_t line_peek(const struct line *line, void *bytes, uint32_t most, uint32_t *items);
/* Whether a read could get that many bytes, or ends with fewer. */
bool line_has(const struct line *line, uint32_t least);
void line_consume(struct line *line, uint32_t items);

/* Bytes that wait to be read; of LINE_READY_MAX. */
uint32_t line_waiting(const struct line *line);

/* Forgets what was typed and not read. */
void line_flush(struct line *line);

#endif
