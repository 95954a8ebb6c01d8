/* SPDX-License-Identifier: MIT */
#include "lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

void lex_fail(struct lexer *lexer, const char *error)
{
    lexer->error = error;
    longjmp(lexer->failure, 1);
}

void lex_fail_incomplete(struct lexer *lexer, const char *error)
{
    lexer->is_incomplete = true;
    lex_fail(lexer, error);
}

void lex_enter(struct lexer *lexer)
{
    if (++lexer->depth > LEX_DEPTH)
        lex_fail(lexer, "nested too deeply");
}

void lex_leave(struct lexer *lexer) { lexer->depth--; }

bool lex_is_name(const char *text, size_t length)
{
    if (length == 0 || isdigit((unsigned char)*text))
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] != '_' && !isalnum((unsigned char)text[i]))
            return false;
    return true;
}

/* ---- Words ---- */

static const char *skip_quoted(struct lexer *lexer, const char *at, char quote);

static const char *skip_single(struct lexer *lexer, const char *at)
{
    at = strchr(at, '\'');
    if (at == NULL)
        lex_fail_incomplete(lexer, "missing '");
    return at + 1;
}

static const char *skip_escape(struct lexer *lexer, const char *at)
{
    if (*at == '\0' || (*at == '\n' && at[1] == '\0'))
        lex_fail_incomplete(lexer, "nothing after \\");
    return at + 1;
}

/* One byte or one quoted or substituted piece. `at` is not at the end. */
static const char *skip_piece(struct lexer *lexer, const char *at, bool in_double)
{
    char c = *at++;
    if (c == '\\')
        return skip_escape(lexer, at);
    if (c == '\'' && !in_double)
        return skip_single(lexer, at);
    if (c == '"' && !in_double)
        return skip_quoted(lexer, at, '"');
    if (c == '`')
        return skip_quoted(lexer, at, '`');
    return c == '$' ? lex_skip_dollar(lexer, at, in_double) : at;
}

/* Up to a closing " or `; within the latter only backslashes mean something. */
static const char *skip_quoted(struct lexer *lexer, const char *at, char quote)
{
    lex_enter(lexer);
    while (*at != quote) {
        if (*at == '\0')
            lex_fail_incomplete(lexer, quote == '"' ? "missing \"" : "missing `");
        if (quote == '"')
            at = skip_piece(lexer, at, true);
        else
            at = *at == '\\' ? skip_escape(lexer, at + 1) : at + 1;
    }
    lex_leave(lexer);
    return at + 1;
}

/* In double quotes a ' within ${...} means itself, and a " still quotes. */
static const char *skip_braces(struct lexer *lexer, const char *at, bool in_double)
{
    while (*at != '}') {
        if (*at == '\0')
            lex_fail_incomplete(lexer, "missing }");
        at = *at == '"' ? skip_quoted(lexer, at + 1, '"') : skip_piece(lexer, at, in_double);
    }
    return at + 1;
}

static const char *skip_arithmetic(struct lexer *lexer, const char *at)
{
    unsigned open = 0;
    while (open > 0 || *at != ')') {
        if (*at == '\0')
            lex_fail_incomplete(lexer, "missing ))");
        open += *at == '(';
        open -= *at == ')';
        at = skip_piece(lexer, at, false);
    }
    if (at[1] == '\0')
        lex_fail_incomplete(lexer, "missing ))");
    if (at[1] != ')')
        lex_fail(lexer, "missing )) (write \"$( (\" for a subshell)");
    return at + 2;
}

const char *lex_skip_dollar(struct lexer *lexer, const char *at, bool in_double)
{
    lex_enter(lexer);
    if (*at == '{')
        at = skip_braces(lexer, at + 1, in_double);
    else if (at[0] == '(' && at[1] == '(')
        at = skip_arithmetic(lexer, at + 2);
    else if (*at == '(')
        at = parse_substitution(lexer, at + 1);
    lex_leave(lexer);
    return at;
}

static void count_lines(struct lexer *lexer, const char *from, const char *to)
{
    for (; from < to; from++)
        lexer->line += *from == '\n';
}

static void take_word(struct lexer *lexer)
{
    const char *start = lexer->at, *at = start;
    while (*at != '\0' && strchr(" \t\n;&|<>()", *at) == NULL)
        at = skip_piece(lexer, at, false);
    count_lines(lexer, start, at);
    lexer->at = at;
    lexer->token = TOKEN_WORD;
    lexer->word = arena_text(lexer->arena, start, (size_t)(at - start));
}

/* ---- Here-documents ---- */

static char *without_quotes(struct lexer *lexer, const char *word)
{
    struct text end = {.arena = lexer->arena};
    for (; *word != '\0'; word++) {
        if (*word == '\\' && word[1] != '\0')
            word++;
        else if (*word == '\'' || *word == '"')
            continue;
        text_put_char(&end, *word);
    }
    return text_string(&end);
}

void lex_expect_document(struct lexer *lexer, struct redirect *redirect)
{
    if (lexer->document_count == LEX_DOCUMENTS)
        lex_fail(lexer, "too many here-documents in one line");
    redirect->end = without_quotes(lexer, redirect->target);
    lexer->documents[lexer->document_count++] = redirect;
}

static void read_document(struct lexer *lexer, struct redirect *redirect)
{
    const char *end = redirect->end;
    struct text body = {.arena = lexer->arena};
    for (;;) {
        const char *line = lexer->at;
        while (redirect->strips_tabs && *line == '\t')
            line++;
        size_t length = strcspn(line, "\n");
        if (*line == '\0' || (line[length] == '\0' && strcmp(line, end) != 0))
            lex_fail_incomplete(lexer, "here-document without its end");
        lexer->at = line + length + (line[length] == '\n');
        lexer->line++;
        if (length == strlen(end) && memcmp(line, end, length) == 0)
            break;
        text_put(&body, line, length + 1);
    }
    redirect->document = text_string(&body);
}

static void read_documents(struct lexer *lexer)
{
    for (unsigned i = 0; i < lexer->document_count; i++)
        read_document(lexer, lexer->documents[i]);
    lexer->document_count = 0;
}

/* ---- Signs ---- */

struct sign {
    const char *text;
    enum token token;
    enum redirect_kind kind;
};

/* Longer ones before those they begin with. */
static const struct sign signs[] = {
    {"&&", TOKEN_AND, 0},
    {"&", TOKEN_BACKGROUND, 0},
    {"||", TOKEN_OR, 0},
    {"|", TOKEN_PIPE, 0},
    {";;", TOKEN_BREAK, 0},
    {";", TOKEN_SEMICOLON, 0},
    {"(", TOKEN_OPEN, 0},
    {")", TOKEN_CLOSE, 0},
    {"<<-", TOKEN_REDIRECT, REDIRECT_DOCUMENT},
    {"<<", TOKEN_REDIRECT, REDIRECT_DOCUMENT},
    {"<&", TOKEN_REDIRECT, REDIRECT_COPY_READ},
    {"<>", TOKEN_REDIRECT, REDIRECT_BOTH},
    {"<", TOKEN_REDIRECT, REDIRECT_READ},
    {">>", TOKEN_REDIRECT, REDIRECT_APPEND},
    {">&", TOKEN_REDIRECT, REDIRECT_COPY_WRITE},
    {">|", TOKEN_REDIRECT, REDIRECT_WRITE},
    {">", TOKEN_REDIRECT, REDIRECT_WRITE},
};

static const struct sign *sign_at(const char *at)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(at, signs[i].text, strlen(signs[i].text)) == 0)
            return &signs[i];
    return NULL;
}

static void take_redirect(struct lexer *lexer, const struct sign *sign, int fd)
{
    struct redirect *redirect = arena_take(lexer->arena, sizeof *redirect);
    bool reads = *sign->text == '<';
    *redirect = (struct redirect){.kind = sign->kind,
                                  .fd = fd >= 0 ? fd
                                        : reads ? 0
                                                : 1,
                                  .strips_tabs = strcmp(sign->text, "<<-") == 0};
    lexer->redirect = redirect;
}

/* Digits right before < or > name a descriptor (POSIX XCU 2.10.1 rule 2): they are skipped. -1:
 * none. */
static int take_descriptor(struct lexer *lexer)
{
    size_t digits = strspn(lexer->at, "0123456789");
    char behind = lexer->at[digits];
    if (digits == 0 || (behind != '<' && behind != '>'))
        return -1;
    if (digits > 4)
        lex_fail(lexer, "descriptor out of range");
    int fd = atoi(lexer->at);
    lexer->at += digits;
    return fd;
}

static void skip_blanks(struct lexer *lexer)
{
    for (;; lexer->line++) {
        lexer->at += strspn(lexer->at, " \t\r");
        if (lexer->at[0] != '\\' || lexer->at[1] != '\n')
            break;
        if (lexer->at[2] == '\0')
            lex_fail_incomplete(lexer, "nothing after \\");
        lexer->at += 2;
    }
    if (*lexer->at == '#')
        lexer->at += strcspn(lexer->at, "\n");
}

void lex_next(struct lexer *lexer)
{
    skip_blanks(lexer);
    lexer->start = lexer->at;
    if (*lexer->at == '\0') {
        lexer->token = TOKEN_END;
        if (lexer->document_count > 0)
            lex_fail_incomplete(lexer, "here-document without its end");
        return;
    }
    if (*lexer->at == '\n') {
        lexer->token = TOKEN_NEWLINE;
        lexer->at++;
        lexer->line++;
        read_documents(lexer);
        return;
    }
    int fd = take_descriptor(lexer);
    const struct sign *sign = sign_at(lexer->at);
    if (sign == NULL) {
        take_word(lexer);
        return;
    }
    lexer->token = sign->token;
    lexer->at += strlen(sign->text);
    if (sign->token == TOKEN_REDIRECT)
        take_redirect(lexer, sign, fd);
}
