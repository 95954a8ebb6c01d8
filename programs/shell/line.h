/* SPDX-License-Identifier: MIT */
/*
 * The line editor: bytes typed go in, what to print comes out through a function. It never blocks
 * and knows no terminal: it moves by backspaces and overwrites with blanks, so that any terminal
 * will do; only Ctrl-L sends an escape sequence. Lines longer than the terminal is wide scroll
 * sideways while they are edited and are printed whole when they are finished.
 *
 * Keys: arrows, Home, End, Delete (ANSI sequences), Ctrl-A/E/B/F/P/N as in Emacs, Alt-B/F words,
 * Backspace, Ctrl-D delete, Ctrl-K/U/W kill, Ctrl-Y yank, Ctrl-L clear, Tab complete.
 */
#ifndef SHELL_LINE_H
#define SHELL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "history.h"

#define LINE_BYTES 1024 /* the ending zero included */
#define LINE_OUTPUT 512

enum line_result {
    LINE_EDITING,     /* more keys are needed */
    LINE_FINISHED,    /* Enter: `text` is the line */
    LINE_INTERRUPTED, /* Ctrl-C: it is given up */
    LINE_CLOSED,      /* Ctrl-D on an empty line */
};

enum line_keys { LINE_KEYS_PLAIN, LINE_KEYS_ESCAPE, LINE_KEYS_SEQUENCE, LINE_KEYS_SINGLE_SHIFT };

struct line {
    /* Set by the owner. */
    const char *prompt;
    size_t width; /* of the terminal, columns */
    struct history *history;
    void (*write)(void *context, const char *bytes, size_t count);
    void (*complete)(struct line *line); /* Tab; may use the functions below. Optional */
    void *context;

    /* The line. */
    char text[LINE_BYTES];
    size_t length, cursor; /* bytes; 0 <= cursor <= length < LINE_BYTES */

    /* The screen: text from `view` on is shown, `painted` columns behind the prompt are not blank,
       the terminal's cursor is where the line's is. */
    size_t view, painted;

    size_t browsing; /* history lines back; 0: the line being typed, which `draft` keeps */
    char draft[LINE_BYTES];
    char killed[LINE_BYTES];

    enum line_keys keys; /* what the next byte belongs to */
    unsigned parameter;  /* first number of an escape sequence */
    char partial[4];     /* of a character of several bytes */
    size_t partial_used;
    bool after_return; /* the last byte was CR: a LF that follows is part of it */

    char output[LINE_OUTPUT];
    size_t output_used;
};

/* Begins an empty line and prints the prompt. */
void line_begin(struct line *line);

enum line_result line_feed(struct line *line, char byte);

/* For `complete`: inserts bytes at the cursor; prints a list of names (each with its ending zero,
   the list ended by an empty one) above the line; rings the bell. */
void line_insert(struct line *line, const char *bytes, size_t count);
void line_list(struct line *line, const char *names);
void line_bell(struct line *line);

#endif
