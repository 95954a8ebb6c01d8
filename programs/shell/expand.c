/* SPDX-License-Identifier: MIT */
#include "expand.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arith.h"
#include "lex.h"
#include "pipeline.h"
#include "shell.h"
#include "vars.h"

#define DEPTH_MAX 100

void expander_put(struct expander *expander, const char *bytes, size_t count, enum mark mark)
{
    text_put(&expander->bytes, bytes, count);
    for (size_t i = 0; i < count; i++)
        text_put_char(&expander->marks, (char)mark);
}

void expander_mark(struct expander *expander, enum mark mark)
{
    expander_put(expander, "", 1, mark);
}

void expander_fail(struct expander *expander, const char *what, const char *why)
{
    shell_complain("%s: %s", what, why);
    shell_abort(STATUS_USAGE);
    longjmp(expander->failure, 1);
}

/* ---- Pieces ---- */

/* Where the substitution behind a "$" ends. Here-documents were not looked at by the parser. */
static const char *dollar_end(struct expander *expander, const char *at, bool in_double)
{
    struct lexer lexer = {.at = at, .arena = &shell.arena};
    if (setjmp(lexer.failure) != 0)
        expander_fail(expander, "bad substitution", lexer.error);
    return lex_skip_dollar(&lexer, at, in_double);
}

static void put_result(struct expander *expander, const char *text, enum quoting quoting)
{
    expander_put(expander, text, strlen(text), quoting == QUOTING_NONE ? MARK_SPLIT : MARK_QUOTED);
}

static void put_command(struct expander *expander, const char *text, enum quoting quoting)
{
    struct text output = {.arena = &shell.arena};
    bool done = pipeline_capture(text, &output);
    if (!done && shell.flow == FLOW_ON)
        shell_abort(STATUS_ERROR);
    if (shell.flow != FLOW_ON)
        longjmp(expander->failure, 1);
    while (output.length > 0 && output.bytes[output.length - 1] == '\n')
        output.bytes[--output.length] = '\0';
    put_result(expander, text_string(&output), quoting);
}

static void put_arithmetic(struct expander *expander, const char *at, const char *end,
                           enum quoting quoting)
{
    char digits[24];
    int64_t value;
    const char *text = expander_word(expander, at, end, QUOTING_DOUBLE, false);
    const char *error = arith_evaluate(text, &value);
    if (error != NULL)
        expander_fail(expander, text, error);
    snprintf(digits, sizeof digits, "%" PRId64, value);
    put_result(expander, digits, quoting);
}

/* `at` is behind the dollar. */
static const char *put_dollar(struct expander *expander, const char *at, enum quoting quoting)
{
    if (*at != '{' && *at != '(') {
        const char *behind = parameter_expand(expander, at, quoting);
        if (behind != NULL)
            return behind;
        expander_put(expander, "$", 1, quoting == QUOTING_NONE ? expander->bare : MARK_QUOTED);
        return at;
    }
    const char *end = dollar_end(expander, at, quoting != QUOTING_NONE);
    if (*at == '{')
        parameter_expand_braces(expander, at + 1, end - 1, quoting);
    else if (at[1] == '(')
        put_arithmetic(expander, at + 2, end - 2, quoting);
    else
        put_command(expander, arena_text(&shell.arena, at + 1, (size_t)(end - at - 2)), quoting);
    return end;
}

/* `...`: backslashes quote only ` \ and $ in there; `at` is behind the first. */
static const char *put_backquoted(struct expander *expander, const char *at, enum quoting quoting)
{
    struct text text = {.arena = &shell.arena};
    for (; *at != '`' && *at != '\0'; at++) {
        bool quotes =
            *at == '\\' && at[1] != '\0' &&
            (strchr("`\\$", at[1]) != NULL || (at[1] == '"' && quoting == QUOTING_DOUBLE));
        at += quotes;
        text_put_char(&text, *at);
    }
    if (*at == '\0')
        expander_fail(expander, "bad substitution", "missing `");
    put_command(expander, text_string(&text), quoting);
    return at + 1;
}

static const char *put_single_quoted(struct expander *expander, const char *at)
{
    const char *end = strchr(at, '\'');
    if (end == NULL)
        expander_fail(expander, "bad substitution", "missing '");
    expander_put(expander, at, (size_t)(end - at), MARK_QUOTED);
    if (end == at)
        expander_mark(expander, MARK_EMPTY);
    return end + 1;
}

static const char *backquoted_end(const char *at)
{
    while (*at != '`' && *at != '\0')
        at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    return *at == '`' ? at + 1 : at;
}

static const char *double_quoted_end(struct expander *expander, const char *at)
{
    while (*at != '"') {
        if (*at == '\0')
            expander_fail(expander, "bad substitution", "missing \"");
        if (*at == '\\' && at[1] != '\0')
            at += 2;
        else if (*at == '`')
            at = backquoted_end(at + 1);
        else if (*at == '$')
            at = dollar_end(expander, at + 1, true);
        else
            at++;
    }
    return at;
}

static const char *put_double_quoted(struct expander *expander, const char *at)
{
    const char *end = double_quoted_end(expander, at);
    size_t before = expander->bytes.length;
    expander->no_arguments = false;
    expander_run(expander, at, end, QUOTING_DOUBLE);
    if (expander->bytes.length == before && !expander->no_arguments)
        expander_mark(expander, MARK_EMPTY);
    return end + 1;
}

static const char *put_escaped(struct expander *expander, const char *at, enum quoting quoting)
{
    static const char *const special[] = {NULL, "$`\"\\\n", "$`\\\n"};
    if (quoting != QUOTING_NONE && (*at == '\0' || strchr(special[quoting], *at) == NULL)) {
        expander_put(expander, "\\", 1, MARK_QUOTED);
        return at;
    }
    if (*at == '\n')
        return at + 1;
    if (*at == '\0') {
        expander_put(expander, "\\", 1, MARK_QUOTED);
        return at;
    }
    expander_put(expander, at, 1, MARK_QUOTED);
    return at + 1;
}

static const char *put_piece(struct expander *expander, const char *at, enum quoting quoting)
{
    bool bare = quoting == QUOTING_NONE;
    switch (*at) {
    case '\\':
        return put_escaped(expander, at + 1, quoting);
    case '$':
        return put_dollar(expander, at + 1, quoting);
    case '`':
        return put_backquoted(expander, at + 1, quoting);
    case '\'':
        if (bare)
            return put_single_quoted(expander, at + 1);
        break;
    case '"':
        if (bare)
            return put_double_quoted(expander, at + 1);
        break;
    }
    expander_put(expander, at, 1, bare ? expander->bare : MARK_QUOTED);
    return at + 1;
}

void expander_run(struct expander *expander, const char *at, const char *end, enum quoting quoting)
{
    if (++expander->depth > DEPTH_MAX)
        expander_fail(expander, "expansion", "nested too deeply");
    while (at < end)
        at = put_piece(expander, at, quoting);
    expander->depth--;
}

/* ~ and ~/...; other users' homes do not exist. */
static const char *put_tilde(struct expander *expander, const char *at)
{
    const char *home = vars_get("HOME");
    if (*at != '~' || (at[1] != '\0' && at[1] != '/') || home == NULL)
        return at;
    expander_put(expander, home, strlen(home), MARK_QUOTED);
    return at + 1;
}

/* ---- Fields ---- */

static bool is_byte(char mark)
{
    return mark == MARK_LITERAL || mark == MARK_QUOTED || mark == MARK_SPLIT;
}

/* The bytes from `first` to `last`, either plain or with what was quoted escaped. */
static char *part(const struct expander *expander, size_t first, size_t last, bool as_pattern)
{
    struct text text = {.arena = &shell.arena};
    for (size_t i = first; i < last; i++) {
        char c = expander->bytes.bytes[i], mark = expander->marks.bytes[i];
        if (!is_byte(mark))
            continue;
        if (as_pattern && (mark == MARK_QUOTED || c == '\\') && strchr("*?[]\\-!^", c) != NULL)
            text_put_char(&text, '\\');
        text_put_char(&text, c);
    }
    return text_string(&text);
}

static bool is_magic(const struct expander *expander, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++)
        if ((expander->marks.bytes[i] == MARK_LITERAL || expander->marks.bytes[i] == MARK_SPLIT) &&
            strchr("*?[", expander->bytes.bytes[i]) != NULL)
            return true;
    return false;
}

static void add_field(const struct expander *expander, size_t first, size_t last,
                      struct list *fields)
{
    if (is_magic(expander, first, last) && !shell.no_glob &&
        glob_expand(&shell.arena, part(expander, first, last, true), fields) > 0)
        return;
    list_add(&shell.arena, fields, part(expander, first, last, false));
}

/* Splitting: where the field in hand began, whether it is one, and whether blanks ended the last.
 */
struct splitter {
    size_t first;
    bool has_field, after_blank;
};

static void split_at(struct expander *expander, struct splitter *splitter, size_t at, bool always,
                     struct list *fields)
{
    if (splitter->has_field || always)
        add_field(expander, splitter->first, at, fields);
    splitter->first = at + 1;
    splitter->has_field = false;
}

/* A byte of $IFS (POSIX XCU 2.6.5): blanks around another separator belong to that. */
static void separator(struct expander *expander, struct splitter *splitter, size_t at,
                      struct list *fields)
{
    bool blank = strchr(" \t\n", expander->bytes.bytes[at]) != NULL;
    bool ends_again = !blank && !splitter->has_field && splitter->after_blank;
    bool had_field = splitter->has_field;
    split_at(expander, splitter, at, !blank && !ends_again, fields);
    splitter->after_blank = blank && (had_field || splitter->after_blank);
}

static void split(struct expander *expander, struct list *fields)
{
    const char *separators = vars_get("IFS");
    struct splitter splitter = {0};
    if (separators == NULL)
        separators = " \t\n";
    for (size_t i = 0; i < expander->bytes.length; i++) {
        char c = expander->bytes.bytes[i], mark = expander->marks.bytes[i];
        if (mark == MARK_BREAK || mark == MARK_SOFT_BREAK) {
            split_at(expander, &splitter, i, mark == MARK_BREAK, fields);
            splitter.after_blank = false;
        } else if (mark == MARK_SPLIT && c != '\0' && strchr(separators, c) != NULL) {
            separator(expander, &splitter, i, fields);
        } else {
            splitter.has_field = true;
            splitter.after_blank = false;
        }
    }
    split_at(expander, &splitter, expander->bytes.length, false, fields);
}

/* ---- Ways in ---- */

static struct expander new_expander(void)
{
    return (struct expander){
        .bytes = {.arena = &shell.arena}, .marks = {.arena = &shell.arena}, .bare = MARK_LITERAL};
}

char *expander_word(struct expander *expander, const char *at, const char *end,
                    enum quoting quoting, bool as_pattern)
{
    struct text bytes = expander->bytes, marks = expander->marks;
    bool for_fields = expander->for_fields, no_arguments = expander->no_arguments;
    enum mark bare = expander->bare;
    expander->bytes = expander->marks = (struct text){.arena = &shell.arena};
    expander->for_fields = false;
    expander->bare = MARK_LITERAL;
    expander_run(expander, at, end, quoting);
    char *word = part(expander, 0, expander->bytes.length, as_pattern);
    expander->bytes = bytes;
    expander->marks = marks;
    expander->for_fields = for_fields;
    expander->no_arguments = no_arguments;
    expander->bare = bare;
    return word;
}

/* What is asked for: fields of words, or one word. */
struct request {
    const struct word *words;
    struct list *fields;
    const char *word;
    enum quoting quoting;
    bool as_pattern;
    char **result;
};

static void expand_one(struct expander *expander, const char *word, enum quoting quoting)
{
    const char *at = quoting == QUOTING_NONE ? put_tilde(expander, word) : word;
    expander_run(expander, at, at + strlen(at), quoting);
}

static bool words_to_fields(void *context)
{
    const struct request *request = context;
    struct expander expander = new_expander();
    if (setjmp(expander.failure) != 0)
        return false;
    expander.for_fields = true;
    for (const struct word *word = request->words; word != NULL; word = word->next) {
        expander.bytes.length = expander.marks.length = 0;
        expand_one(&expander, word->text, QUOTING_NONE);
        split(&expander, request->fields);
    }
    return true;
}

static bool one_word(void *context)
{
    const struct request *request = context;
    struct expander expander = new_expander();
    if (setjmp(expander.failure) != 0)
        return false;
    expand_one(&expander, request->word, request->quoting);
    *request->result = part(&expander, 0, expander.bytes.length, request->as_pattern);
    return true;
}

/* An expansion that failed has said so; when there is no memory nobody has. */
static bool expand(bool (*work)(void *context), struct request request)
{
    if (arena_try(&shell.arena, work, &request))
        return true;
    if (shell.flow == FLOW_ON) {
        shell_complain("out of memory");
        shell_abort(STATUS_ERROR);
    }
    return false;
}

bool expand_words(const struct word *words, struct list *fields)
{
    return expand(words_to_fields, (struct request){.words = words, .fields = fields});
}

bool expand_word(const char *word, char **result)
{
    return expand(one_word, (struct request){.word = word, .result = result});
}

bool expand_pattern(const char *word, char **result)
{
    return expand(one_word, (struct request){.word = word, .as_pattern = true, .result = result});
}

bool expand_document(const char *text, char **result)
{
    return expand(one_word,
                  (struct request){.word = text, .quoting = QUOTING_DOCUMENT, .result = result});
}
