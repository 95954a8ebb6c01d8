/* SPDX-License-Identifier: MIT */
/* POSIX diff, "Default Output Format" and "Unified Output Format". */
#include <stdio.h>

#include "lines.h"

/* Lines [from, to) of both files that differ; those between two of them are the same. */
struct change {
    size_t old, old_end, new, new_end;
};

/* The next change from a pair of equal places on; false: there is none. */
static bool next_change(const struct text *old, const struct text *new, size_t x, size_t y,
                        struct change *change)
{
    while (x < old->count && y < new->count && !old->changed[x] && !new->changed[y])
        x++, y++;
    *change = (struct change){x, x, y, y};
    while (change->old_end < old->count && old->changed[change->old_end])
        change->old_end++;
    while (change->new_end < new->count &&new->changed[change->new_end])
        change->new_end++;
    return change->old < change->old_end || change->new < change->new_end;
}

static void print_line(const char *prefix, const struct line *line)
{
    printf("%s", prefix);
    fwrite(line->bytes, 1, line->length, stdout);
    if (!line_ends(line))
        printf("\n\\ No newline at end of file\n");
}

static void print_lines(const char *prefix, const struct text *text, size_t from, size_t to)
{
    for (; from < to; from++)
        print_line(prefix, &text->lines[from]);
}

/* "5" or "5,7"; of no lines the one before. */
static void print_range(size_t from, size_t to)
{
    if (from == to)
        printf("%zu", from);
    else if (from + 1 == to)
        printf("%zu", to);
    else
        printf("%zu,%zu", from + 1, to);
}

void show_normal(const struct text *old, const struct text *new)
{
    struct change c;
    for (size_t x = 0, y = 0; next_change(old, new, x, y, &c); x = c.old_end, y = c.new_end) {
        print_range(c.old, c.old_end);
        putchar(c.old == c.old_end ? 'a' : c.new == c.new_end ? 'd' : 'c');
        print_range(c.new, c.new_end);
        putchar('\n');
        print_lines("< ", old, c.old, c.old_end);
        if (c.old < c.old_end && c.new < c.new_end)
            printf("---\n");
        print_lines("> ", new, c.new, c.new_end);
    }
}

/* ---- Unified ---- */

/* "-5" or "-5,3": first line and how many, which is left out if it is one. */
static void print_start(char sign, size_t from, size_t to)
{
    printf(" %c%zu", sign, from == to ? from : from + 1);
    if (to - from != 1)
        printf(",%zu", to - from);
}

/* Changes that are so near to each other that their surroundings touch. */
static struct change gather(const struct text *old, const struct text *new, struct change first,
                            size_t context)
{
    struct change all = first, next;
    while (next_change(old, new, all.old_end, all.new_end, &next) &&
           next.old - all.old_end <= 2 * context) {
        all.old_end = next.old_end;
        all.new_end = next.new_end;
    }
    return all;
}

static void print_hunk(const struct text *old, const struct text *new, struct change all,
                       size_t context)
{
    size_t before = all.old < context ? all.old : context;
    size_t after = old->count - all.old_end < context ? old->count - all.old_end : context;
    size_t x = all.old - before, y = all.new - before, end = all.old_end + after;
    struct change c;
    printf("@@");
    print_start('-', x, end);
    print_start('+', y, all.new_end + after);
    printf(" @@\n");
    while (next_change(old, new, x, y, &c) && c.old_end <= all.old_end &&
           c.new_end <= all.new_end) {
        print_lines(" ", old, x, c.old);
        print_lines("-", old, c.old, c.old_end);
        print_lines("+", new, c.new, c.new_end);
        x = c.old_end;
        y = c.new_end;
    }
    print_lines(" ", old, x, end);
}

void show_unified(const struct text *old, const struct text *new, size_t context)
{
    struct change c;
    for (size_t x = 0, y = 0; next_change(old, new, x, y, &c); x = c.old_end, y = c.new_end) {
        c = gather(old, new, c, context);
        print_hunk(old, new, c, context);
    }
}
