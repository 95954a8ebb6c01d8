/* SPDX-License-Identifier: MIT */
/*
 * Word expansion (POSIX XCU 2.6): tilde, parameters, commands, arithmetic, field splitting,
 * pathnames, quote removal. Results lie in shell.arena.
 */
#ifndef SHELL_EXPAND_H
#define SHELL_EXPAND_H

#include <stdbool.h>

#include "glob.h"
#include "syntax.h"

/* All false on an error, which has been told; shell.flow then says how far it goes. */

/* A command's words: any number of fields from each. */
bool expand_words(const struct word *words, struct list *fields);

/* One word that is neither split nor taken for a pathname: assignments, targets, `case`. */
bool expand_word(const char *word, char **result);

/* The same as a pattern: what was quoted means itself. */
bool expand_pattern(const char *word, char **result);

/* A here-document's text. */
bool expand_document(const char *text, char **result);

/* ---- For the parts of the expander ---- */

/* What each byte of a result is: whether it may be split or be part of a pattern. */
enum mark {
    MARK_LITERAL = 'l',    /* written without quotes */
    MARK_QUOTED = 'q',     /* means only itself */
    MARK_SPLIT = 's',      /* came out of an expansion without quotes */
    MARK_EMPTY = 'e',      /* no byte: here is a field, even if it is empty */
    MARK_BREAK = 'b',      /* no byte: a field ends here ("$@") */
    MARK_SOFT_BREAK = 'o', /* no byte: a field ends here if there is one ($@) */
};

enum quoting { QUOTING_NONE, QUOTING_DOUBLE, QUOTING_DOCUMENT };

struct expander {
    struct text bytes, marks; /* of the same length */
    bool for_fields;          /* else "$@" is one word */
    bool no_arguments;        /* "$@" was expanded to nothing */
    enum mark bare;           /* mark of what is written without quotes */
    unsigned depth;
    jmp_buf failure;
};

void expander_put(struct expander *expander, const char *bytes, size_t count, enum mark mark);
void expander_mark(struct expander *expander, enum mark mark);

/* Expands text up to `end`. */
void expander_run(struct expander *expander, const char *at, const char *end, enum quoting quoting);

/* Says what is wrong; does not come back. */
void expander_fail(struct expander *expander, const char *what, const char *why)
    __attribute__((noreturn));

/* The text between `at` and `end` as one word, or as a pattern. */
char *expander_word(struct expander *expander, const char *at, const char *end,
                    enum quoting quoting, bool as_pattern);

/* parameter.c: a parameter behind "$"; returns what is behind it, or a null pointer if there is
   none and the dollar means itself. `end` is that of "${...}". */
const char *parameter_expand(struct expander *expander, const char *at, enum quoting quoting);
void parameter_expand_braces(struct expander *expander, const char *at, const char *end,
                             enum quoting quoting);

#endif
