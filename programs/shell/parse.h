/* SPDX-License-Identifier: MIT */
#ifndef SHELL_PARSE_H
#define SHELL_PARSE_H

#include "lex.h"

enum parse_result {
    PARSE_COMMAND,    /* *tree is what stood up to the end of a line */
    PARSE_END,        /* nothing but blanks and comments was left */
    PARSE_INCOMPLETE, /* the text ends within something: `error` says what is missing */
    PARSE_ERROR,
};

struct parse {
    const char *error; /* a text that needs not be freed */
    unsigned line;     /* of the error; to begin with that of the text, counted from 1 */
};

/* Takes one complete command (as many lines as it needs) from *text and moves *text behind it. */
enum parse_result parse_command(const char **text, struct arena *arena, struct parse *parse,
                                struct node **tree);

/* For the lexer: reads commands up to the ")" that belongs to a "$(" before; `at` is behind that.
 */
const char *parse_substitution(struct lexer *lexer, const char *at);

#endif
