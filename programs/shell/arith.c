/* SPDX-License-Identifier: MIT */
#include "arith.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vars.h"

#define NAME_MAX_LENGTH 63
#define DEPTH_MAX 60

/* What is evaluated: where we are, the first thing found wrong, and how many conditions say that
   this part has no effect (the right of 0 && x). */
struct arith {
    const char *at, *error;
    unsigned skipped, depth;
};

struct binary {
    const char *sign;
    int level; /* higher binds stronger */
};

/* Longer signs before those they begin with. */
static const struct binary binaries[] = {
    {"||", 1}, {"&&", 2}, {"|", 3}, {"^", 4}, {"&", 5}, {"==", 6}, {"!=", 6}, {"<<", 8}, {">>", 8},
    {"<=", 7}, {">=", 7}, {"<", 7}, {">", 7}, {"+", 9}, {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};

static int64_t ternary(struct arith *a);

static int64_t fail(struct arith *a, const char *error)
{
    if (a->error == NULL)
        a->error = error;
    return 0;
}

static void skip_blanks(struct arith *a) { a->at += strspn(a->at, " \t\n\r"); }

static int64_t number(struct arith *a)
{
    char *end;
    int64_t value = (int64_t)strtoull(a->at, &end, 0);
    if (isalnum((unsigned char)*end) || *end == '_')
        return fail(a, "bad number");
    a->at = end;
    return value;
}

static size_t take_name(struct arith *a, char name[NAME_MAX_LENGTH + 1])
{
    size_t length = 0;
    while (isalnum((unsigned char)a->at[length]) || a->at[length] == '_')
        length++;
    if (length > NAME_MAX_LENGTH) {
        fail(a, "name too long");
        length = NAME_MAX_LENGTH;
    }
    memcpy(name, a->at, length);
    name[length] = '\0';
    a->at += length;
    return length;
}

/* A variable's value is a number, not an expression. */
static int64_t value_of(struct arith *a, const char *name)
{
    const char *text = vars_get(name);
    struct arith inner = {.at = text};
    if (text == NULL || text[strspn(text, " \t\n")] == '\0')
        return 0;
    skip_blanks(&inner);
    bool negative = *inner.at == '-';
    inner.at += negative || *inner.at == '+';
    int64_t value = isdigit((unsigned char)*inner.at) ? number(&inner) : fail(&inner, "");
    skip_blanks(&inner);
    if (inner.error != NULL || *inner.at != '\0')
        return fail(a, "a variable holds no number");
    return negative ? (int64_t) - (uint64_t)value : value;
}

static int64_t shifted(int64_t left, int64_t right, bool to_left)
{
    unsigned count = (unsigned)right & 63;
    if (to_left)
        return (int64_t)((uint64_t)left << count);
    return left >> count;
}

static int64_t divided(struct arith *a, char sign, int64_t left, int64_t right)
{
    if (right == 0)
        return a->skipped > 0 ? 0 : fail(a, "division by zero");
    if (right == -1) /* the most negative number has no counterpart */
        return sign == '/' ? (int64_t) - (uint64_t)left : 0;
    return sign == '/' ? left / right : left % right;
}

static int64_t compute(struct arith *a, const char *sign, int64_t left, int64_t right)
{
    uint64_t l = (uint64_t)left, r = (uint64_t)right;
    bool equal = sign[1] == '=';
    switch (*sign) {
    case '|':
        return left | right;
    case '^':
        return left ^ right;
    case '&':
        return left & right;
    case '=':
        return left == right;
    case '!':
        return left != right;
    case '<':
        if (sign[1] == '<')
            return shifted(left, right, true);
        return equal ? left <= right : left < right;
    case '>':
        if (sign[1] == '>')
            return shifted(left, right, false);
        return equal ? left >= right : left > right;
    case '+':
        return (int64_t)(l + r);
    case '-':
        return (int64_t)(l - r);
    case '*':
        return (int64_t)(l * r);
    default:
        return divided(a, *sign, left, right);
    }
}

/* =, +=, <<= and so on; false if there is none. */
static bool take_assignment(struct arith *a, char sign[3])
{
    static const char *const signs[] = {"<<", ">>", "+", "-", "*", "/", "%", "&", "^", "|", ""};
    skip_blanks(a);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i]);
        if (strncmp(a->at, signs[i], length) == 0 && a->at[length] == '=' &&
            (length > 0 || a->at[1] != '=')) {
            strcpy(sign, signs[i]);
            a->at += length + 1;
            return true;
        }
    }
    return false;
}

static int64_t name_or_assignment(struct arith *a)
{
    char name[NAME_MAX_LENGTH + 1], sign[3], digits[24];
    take_name(a, name);
    if (!take_assignment(a, sign))
        return a->skipped > 0 ? 0 : value_of(a, name);
    int64_t right = ternary(a);
    if (a->skipped > 0 || a->error != NULL)
        return right;
    int64_t value = *sign != '\0' ? compute(a, sign, value_of(a, name), right) : right;
    snprintf(digits, sizeof digits, "%" PRId64, value);
    if (a->error == NULL && !vars_set(name, digits))
        fail(a, "cannot assign");
    return value;
}

static int64_t unary(struct arith *a)
{
    skip_blanks(a);
    char c = *a->at;
    if (c != '\0' && strchr("+-!~", c) != NULL) {
        a->at++;
        if (++a->depth > DEPTH_MAX)
            return fail(a, "nested too deeply");
        int64_t value = unary(a);
        a->depth--;
        return c == '-'   ? (int64_t) - (uint64_t)value
               : c == '!' ? !value
               : c == '~' ? ~value
                          : value;
    }
    if (c == '(') {
        a->at++;
        int64_t value = ternary(a);
        skip_blanks(a);
        if (*a->at != ')')
            return fail(a, "missing )");
        a->at++;
        return value;
    }
    if (isdigit((unsigned char)c))
        return number(a);
    if (isalpha((unsigned char)c) || c == '_')
        return name_or_assignment(a);
    return fail(a, "a number is missing");
}

static const struct binary *binary_at(struct arith *a, int lowest)
{
    skip_blanks(a);
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (strncmp(a->at, binaries[i].sign, strlen(binaries[i].sign)) == 0)
            return binaries[i].level >= lowest ? &binaries[i] : NULL;
    return NULL;
}

static int64_t binary(struct arith *a, int lowest)
{
    int64_t left = unary(a);
    const struct binary *sign;
    while (a->error == NULL && (sign = binary_at(a, lowest)) != NULL) {
        a->at += strlen(sign->sign);
        bool decided = (sign->level == 1 && left != 0) || (sign->level == 2 && left == 0);
        a->skipped += decided;
        int64_t right = binary(a, sign->level + 1);
        a->skipped -= decided;
        if (sign->level <= 2)
            left = decided ? sign->level == 1 : right != 0;
        else
            left = compute(a, sign->sign, left, right);
    }
    return left;
}

static int64_t ternary(struct arith *a)
{
    if (++a->depth > DEPTH_MAX)
        return fail(a, "nested too deeply");
    int64_t condition = binary(a, 1);
    skip_blanks(a);
    if (a->error == NULL && *a->at == '?') {
        a->at++;
        a->skipped += condition == 0;
        int64_t yes = ternary(a);
        a->skipped -= condition == 0;
        skip_blanks(a);
        if (a->error == NULL && *a->at != ':')
            return fail(a, "missing :");
        a->at += a->error == NULL;
        a->skipped += condition != 0;
        int64_t no = ternary(a);
        a->skipped -= condition != 0;
        condition = condition != 0 ? yes : no;
    }
    a->depth--;
    return condition;
}

const char *arith_evaluate(const char *text, int64_t *value)
{
    struct arith a = {.at = text};
    skip_blanks(&a);
    *value = *a.at != '\0' ? ternary(&a) : 0;
    skip_blanks(&a);
    if (a.error == NULL && *a.at != '\0')
        fail(&a, "an operator is missing");
    return a.error;
}
