/* SPDX-License-Identifier: MIT */
/* Words and operators of the shell's language (POSIX XCU 2.3), and bodies of here-documents. */
#ifndef SHELL_LEX_H
#define SHELL_LEX_H

#include <setjmp.h>

#include "arena.h"
#include "syntax.h"

enum token {
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_WORD,
    TOKEN_SEMICOLON,
    TOKEN_BREAK, /* ;; */
    TOKEN_BACKGROUND,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_PIPE,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_REDIRECT,
};

#define LEX_DOCUMENTS 16 /* here-documents that begin in one line */
#define LEX_DEPTH 100    /* constructs within each other; the stack is what bounds them */

struct lexer {
    const char *at; /* what was not read yet; ends with a zero byte */
    unsigned line, depth;
    struct arena *arena;

    /* The token in hand. */
    enum token token;
    const char *start;         /* where it was read */
    const char *word;          /* of TOKEN_WORD, as it was written */
    struct redirect *redirect; /* of TOKEN_REDIRECT: kind and descriptor */

    /* Here-documents that begin behind the next newline. */
    struct redirect *documents[LEX_DOCUMENTS];
    unsigned document_count;

    /* Errors do not come back: nothing is held that would have to be given back. */
    jmp_buf failure;
    const char *error;
    bool is_incomplete; /* more text may repair it */
};

/* Takes the next token into the hand. */
void lex_next(struct lexer *lexer);

/* A redirection's target has been read: remembers to read the document. */
void lex_expect_document(struct lexer *lexer, struct redirect *redirect);

/* Does not come back. Without more text: `what` is missing. */
void lex_fail(struct lexer *lexer, const char *error) __attribute__((noreturn));
void lex_fail_incomplete(struct lexer *lexer, const char *error) __attribute__((noreturn));
void lex_enter(struct lexer *lexer);
void lex_leave(struct lexer *lexer);

/* Where a substitution ends: `at` is behind its "$", the result behind its end. */
const char *lex_skip_dollar(struct lexer *lexer, const char *at, bool in_double);

bool lex_is_name(const char *text, size_t length);

#endif
