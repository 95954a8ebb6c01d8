/* SPDX-License-Identifier: MIT */
#include "regular.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define CODE_MAX 2000 /* also how deep follow() recurses */
#define DEPTH_MAX 50
#define REPEAT_MAX 255

enum operation { CHARACTER, ANY, SET, SPLIT, JUMP, LINE_START, LINE_END, FOUND };

/* SPLIT goes to both at + x and at + y, JUMP to at + x: moving a piece of code leaves it intact. */
struct instruction {
    enum operation operation;
    unsigned char character;
    int x, y;
    unsigned char set[32]; /* one bit for each byte */
};

struct regular {
    unsigned flags;
    int count;
    struct instruction code[CODE_MAX];
};

/* ---- Compiling ---- */

struct compiler {
    struct regular *regular;
    const char *at, *line_start;
    unsigned open, depth;
    const char *error;
    jmp_buf failure;
};

static void fail(struct compiler *c, const char *error) __attribute__((noreturn));
static void fail(struct compiler *c, const char *error)
{
    c->error = error;
    longjmp(c->failure, 1);
}

static struct instruction *emit(struct compiler *c, enum operation operation)
{
    struct regular *regular = c->regular;
    if (regular->count == CODE_MAX)
        fail(c, "expression too large");
    struct instruction *instruction = &regular->code[regular->count++];
    *instruction = (struct instruction){.operation = operation};
    return instruction;
}

/* Makes room for one instruction before the code from `start` on. */
static struct instruction *insert(struct compiler *c, int start, enum operation operation)
{
    emit(c, operation);
    struct instruction *code = c->regular->code + start;
    memmove(code + 1, code, (size_t)(c->regular->count - 1 - start) * sizeof *code);
    *code = (struct instruction){.operation = operation};
    return code;
}

static bool is_extended(const struct compiler *c) { return c->regular->flags & REGULAR_EXTENDED; }

/* Whether a sign with a meaning stands here: in basic expressions it has a backslash. */
static bool at_sign(const struct compiler *c, char sign)
{
    if (c->regular->flags & REGULAR_FIXED)
        return false;
    if (is_extended(c))
        return c->at[0] == sign;
    return c->at[0] == '\\' && c->at[1] == sign;
}

static void skip_sign(struct compiler *c) { c->at += is_extended(c) ? 1 : 2; }

static bool at_branch_end(const struct compiler *c)
{
    return *c->at == '\0' || (*c->at == '\n' && c->depth == 0) || at_sign(c, '|') ||
           (c->depth > 0 && at_sign(c, ')'));
}

static void alternatives(struct compiler *c);

static void emit_character(struct compiler *c, char character)
{
    bool folds = c->regular->flags & REGULAR_FOLD_CASE;
    emit(c, CHARACTER)->character =
        folds ? (unsigned char)tolower((unsigned char)character) : (unsigned char)character;
}

/* [...]: which bytes are in is found out by asking the matcher of patterns. `at` is at the bracket.
 */
static void bracket(struct compiler *c)
{
    char pattern[256], *out = pattern;
    const char *at = c->at + 1;
    *out++ = '[';
    if (*at == '^')
        *out++ = *at++;
    const char *first = at;
    while (*at != ']' || at == first) {
        const char *end = at[0] == '[' && at[1] == ':' ? strstr(at, ":]") : NULL;
        size_t length = end != NULL ? (size_t)(end + 2 - at) : 1;
        if (*at == '\0' || *at == '\n')
            fail(c, "missing ]");
        if (out + length + 3 > pattern + sizeof pattern)
            fail(c, "too much in [...]");
        if (*at == '\\' || *at == '!')
            *out++ = '\\';
        memcpy(out, at, length);
        out += length;
        at += length;
    }
    strcpy(out, "]");
    c->at = at + 1;
    struct instruction *set = emit(c, SET);
    for (int byte = 1; byte < 256; byte++) {
        char text[2] = {(char)byte, '\0'}, other[2] = {(char)byte, '\0'};
        if (c->regular->flags & REGULAR_FOLD_CASE)
            other[0] = (char)(islower(byte) ? toupper(byte) : tolower(byte));
        if (pattern_match(pattern, text) || pattern_match(pattern, other))
            set->set[byte / 8] |= (unsigned char)(1u << (byte % 8));
    }
}

static void group(struct compiler *c)
{
    skip_sign(c);
    if (++c->depth > DEPTH_MAX)
        fail(c, "nested too deeply");
    alternatives(c);
    if (!at_sign(c, ')'))
        fail(c, "missing )");
    c->depth--;
    skip_sign(c);
}

static void escaped(struct compiler *c)
{
    char character = *++c->at;
    if (character == '\0')
        fail(c, "nothing after \\");
    if (character >= '1' && character <= '9')
        fail(c, "there are no back-references");
    emit_character(c, character);
    c->at++;
}

/* In basic expressions * means itself where there is nothing to be repeated. */
static void atom(struct compiler *c)
{
    bool plain = c->regular->flags & REGULAR_FIXED;
    const char *start = c->at;
    if (at_sign(c, '('))
        group(c);
    else if (is_extended(c) && !plain && strchr("*+?{", *start) != NULL)
        fail(c, "nothing to repeat");
    else if (!plain && *start == '[')
        bracket(c);
    else if (!plain && *start == '.')
        emit(c, ANY), c->at++;
    else if (!plain && *start == '^' && (is_extended(c) || start == c->line_start))
        emit(c, LINE_START), c->at++;
    else if (!plain && *start == '$' && (is_extended(c) || strchr("\n\\", start[1]) != NULL))
        emit(c, LINE_END), c->at++;
    else if (!plain && *start == '\\')
        escaped(c);
    else
        emit_character(c, *c->at++);
}

/* ---- Repetition ---- */

static void make_optional(struct compiler *c, int start)
{
    int length = c->regular->count - start;
    struct instruction *split = insert(c, start, SPLIT);
    split->x = 1;
    split->y = length + 1;
}

static void make_star(struct compiler *c, int start)
{
    struct instruction *jump = emit(c, JUMP);
    jump->x = start - c->regular->count; /* to the split that comes before it all */
    make_optional(c, start);
}

static void make_plus(struct compiler *c, int start)
{
    struct instruction *split = emit(c, SPLIT);
    split->x = start - (c->regular->count - 1);
    split->y = 1;
}

static int bound(struct compiler *c)
{
    int value = 0;
    if (!isdigit((unsigned char)*c->at))
        fail(c, "bad {}");
    while (isdigit((unsigned char)*c->at)) {
        value = 10 * value + (*c->at++ - '0');
        if (value > REPEAT_MAX)
            fail(c, "bad {}");
    }
    return value;
}

/* {m}, {m,}, {m,n}: the atom's text is compiled again as often as it takes. */
static void repeat(struct compiler *c, const char *text, int start)
{
    skip_sign(c);
    int low = bound(c), high = low;
    if (*c->at == ',') {
        c->at++;
        high = at_sign(c, '}') ? -1 : bound(c);
    }
    if (!at_sign(c, '}') || (high >= 0 && high < low))
        fail(c, "bad {}");
    skip_sign(c);
    const char *behind = c->at;
    c->regular->count = start;
    for (int i = 0; i < low || (high < 0 && i == low) || i < high; i++) {
        int begin = c->regular->count;
        c->at = text;
        atom(c);
        if (i >= low)
            high < 0 ? make_star(c, begin) : make_optional(c, begin);
    }
    c->at = behind;
}

static void piece(struct compiler *c)
{
    const char *text = c->at;
    int start = c->regular->count;
    atom(c);
    if (c->regular->flags & REGULAR_FIXED)
        return;
    bool anchor = c->regular->count == start + 1 && c->regular->code[start].operation == LINE_START;
    for (;;) {
        if (*c->at == '*' && !(anchor && !is_extended(c))) {
            make_star(c, start);
            c->at++;
        } else if (at_sign(c, '+')) {
            make_plus(c, start);
            skip_sign(c);
        } else if (at_sign(c, '?')) {
            make_optional(c, start);
            skip_sign(c);
        } else if (at_sign(c, '{')) {
            repeat(c, text, start);
        } else {
            return;
        }
    }
}

static void branch(struct compiler *c)
{
    c->line_start = c->at;
    while (!at_branch_end(c))
        piece(c);
}

/* Alternatives end in jumps behind the last one; `start` is where this one begins. */
static void alternatives(struct compiler *c)
{
    int start = c->regular->count;
    branch(c);
    if (!at_sign(c, '|') && !(*c->at == '\n' && c->depth == 0))
        return;
    *c->at == '\n' ? (void)c->at++ : skip_sign(c);
    int length = c->regular->count - start;
    struct instruction *split = insert(c, start, SPLIT);
    split->x = 1;
    split->y = length + 2;
    int jump = c->regular->count;
    emit(c, JUMP);
    if (++c->open > 200)
        fail(c, "too many alternatives");
    alternatives(c);
    c->regular->code[jump].x = c->regular->count - jump;
}

static void compile(struct compiler *c)
{
    bool whole = c->regular->flags & REGULAR_WHOLE_LINE;
    if (whole)
        emit(c, LINE_START);
    alternatives(c);
    if (*c->at != '\0')
        fail(c, "unexpected )");
    if (whole)
        emit(c, LINE_END);
    emit(c, FOUND);
}

static bool compiles(struct compiler *c)
{
    if (setjmp(c->failure) != 0)
        return false;
    compile(c);
    return true;
}

struct regular *regular_compile(const char *text, unsigned flags, const char **error)
{
    struct regular *regular = calloc(1, sizeof *regular);
    struct compiler c = {.regular = regular, .at = text};
    *error = "out of memory";
    if (regular == NULL)
        return NULL;
    regular->flags = flags;
    if (compiles(&c))
        return regular;
    *error = c.error;
    regular_free(regular);
    return NULL;
}

void regular_free(struct regular *regular) { free(regular); }

/* ---- Matching ---- */

/* Threads of the program that wait for a byte; `seen` keeps each from being there twice. */
struct threads {
    int count, at[CODE_MAX];
    bool seen[CODE_MAX], found;
};

struct matcher {
    const struct regular *regular;
    const char *line;
    size_t length, position;
    struct threads *now, *next;
};

/* Adds a thread, and follows it to the places where it waits for a byte. */
static void follow(struct matcher *m, struct threads *threads, int at, size_t position)
{
    const struct instruction *instruction = &m->regular->code[at];
    if (threads->seen[at])
        return;
    threads->seen[at] = true;
    switch (instruction->operation) {
    case SPLIT:
        follow(m, threads, at + instruction->x, position);
        follow(m, threads, at + instruction->y, position);
        break;
    case JUMP:
        follow(m, threads, at + instruction->x, position);
        break;
    case LINE_START:
        if (position == 0)
            follow(m, threads, at + 1, position);
        break;
    case LINE_END:
        if (position == m->length)
            follow(m, threads, at + 1, position);
        break;
    case FOUND:
        threads->found = true;
        break;
    default:
        threads->at[threads->count++] = at;
    }
}

static bool takes(const struct matcher *m, const struct instruction *instruction, unsigned char c)
{
    switch (instruction->operation) {
    case ANY:
        return true;
    case SET:
        return instruction->set[c / 8] & (1u << (c % 8));
    default:
        if (m->regular->flags & REGULAR_FOLD_CASE)
            c = (unsigned char)tolower(c);
        return instruction->character == c;
    }
}

static void clear(struct threads *threads, int count)
{
    threads->count = 0;
    threads->found = false;
    memset(threads->seen, 0, (size_t)count * sizeof *threads->seen);
}

/* All threads take the byte at `position`. */
static void step(struct matcher *m, size_t position)
{
    struct threads *now = m->now;
    clear(m->next, m->regular->count);
    for (int i = 0; i < now->count; i++)
        if (takes(m, &m->regular->code[now->at[i]], (unsigned char)m->line[position]))
            follow(m, m->next, now->at[i] + 1, position + 1);
    m->now = m->next;
    m->next = now;
}

static struct threads buffers[2]; /* too large for a stack */

static struct matcher begin(const struct regular *regular, const char *line, size_t length)
{
    clear(&buffers[0], regular->count);
    return (struct matcher){.regular = regular,
                            .line = line,
                            .length = length,
                            .now = &buffers[0],
                            .next = &buffers[1]};
}

bool regular_matches(const struct regular *regular, const char *line, size_t length)
{
    struct matcher m = begin(regular, line, length);
    for (size_t position = 0;; position++) {
        follow(&m, m.now, 0, position); /* a match may begin here, too */
        if (m.now->found || position == length)
            return m.now->found;
        step(&m, position);
    }
}

bool regular_find(const struct regular *regular, const char *line, size_t length, size_t from,
                  size_t *start, size_t *end)
{
    for (*start = from; *start <= length; ++*start) {
        struct matcher m = begin(regular, line, length);
        bool found = false;
        follow(&m, m.now, 0, *start);
        for (size_t position = *start;; position++) {
            if (m.now->found) {
                found = true;
                *end = position;
            }
            if (position == length || m.now->count == 0)
                break;
            step(&m, position);
        }
        if (found)
            return true;
    }
    return false;
}
