/* SPDX-License-Identifier: MIT */
/*
 * The shell's language. A line holds commands separated by `;`, `&` (in the background), `&&` and
 * `||`. Words may be quoted ('...', "...", \c); `#` begins a comment. $NAME, ${NAME}, $? and $$ are
 * expanded except in single quotes; the result is not split again. Commands are taken from the line
 * one by one, because $? is known only when its command runs.
 */
#ifndef SHELL_PARSE_H
#define SHELL_PARSE_H

#include <stddef.h>

#define PARSE_WORDS 64
#define PARSE_BYTES 2048 /* all words of a command after expansion, zero bytes included */

/* What follows a command. */
enum parse_end {
    PARSE_LAST,
    PARSE_SEQUENCE,   /* ; */
    PARSE_BACKGROUND, /* & */
    PARSE_AND,        /* && */
    PARSE_OR,         /* || */
};

struct parse_command {
    int argc;
    char *argv[PARSE_WORDS + 1]; /* ended by a null pointer */
    enum parse_end end;
    const char *source; /* where it stands in the line, for messages */
    size_t source_length;
    char bytes[PARSE_BYTES];
    size_t used;
};

/* The value of a variable ("?", "$" or a name), or a null pointer. */
typedef const char *parse_variable(void *context, const char *name);

/* Takes one command from *line and moves *line behind it. Returns a null pointer, or what is wrong.
   An empty line gives a command with argc 0. */
const char *parse_next(const char **line, struct parse_command *command, parse_variable *variable,
                       void *context);

/* What is wrong with a whole line, or a null pointer. Values of variables do not matter for it. */
const char *parse_check(const char *line, struct parse_command *scratch);

#endif
