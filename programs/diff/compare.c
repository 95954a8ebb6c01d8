/* SPDX-License-Identifier: MIT */
/*
 * E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), in linear space: a shortest
 * edit path is looked for from both ends at once; where the two meet, the task falls in two.
 *
 * x is a line of the old file, y one of the new, and k = x - y a diagonal. A path's furthest x on
 * each diagonal is kept, forwards from the beginning and backwards from the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lines.h"

/* On a diagonal that no path reaches inside of the part: less than all, more than all. */
#define BEHIND (-0x40000000L)
#define BEYOND 0x40000000L

static struct {
    struct text *old, *new;
    long *forward, *backward; /* by diagonal, 0 in the middle */
} task;

/* A part of both files, and a point in it that a shortest path goes through. */
struct part {
    long x, x_end, y, y_end;
};
struct point {
    long x, y;
};

static bool same(long x, long y)
{
    const struct line *a = &task.old->lines[x], *b = &task.new->lines[y];
    return a->hash == b->hash && a->length == b->length &&
           memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* One more step forwards on all diagonals; true: it met the other side. */
static bool step_forward(const struct part *p, long cost, struct point *met)
{
    long first = p->x - p->y, delta = p->x_end - p->y_end - first;
    for (long k = -cost; k <= cost; k += 2) {
        long *place = task.forward + (first + k);
        long x = k == -cost || (k != cost && place[-1] < place[1]) ? place[1] : place[-1] + 1;
        long y = x - first - k;
        *place = BEHIND;
        if (x < p->x || x > p->x_end || y > p->y_end)
            continue;
        while (x < p->x_end && y < p->y_end && same(x, y))
            x++, y++;
        *place = x;
        if (delta % 2 != 0 && labs(k - delta) < cost && x >= task.backward[first + k]) {
            *met = (struct point){x, y};
            return true;
        }
    }
    return false;
}

static bool step_backward(const struct part *p, long cost, struct point *met)
{
    long last = p->x_end - p->y_end, delta = last - (p->x - p->y);
    for (long k = -cost; k <= cost; k += 2) {
        long *place = task.backward + (last + k);
        long x = k == cost || (k != -cost && place[-1] < place[1]) ? place[-1] : place[1] - 1;
        long y = x - last - k;
        *place = BEYOND;
        if (x > p->x_end || x < p->x || y < p->y)
            continue;
        while (x > p->x && y > p->y && same(x - 1, y - 1))
            x--, y--;
        *place = x;
        if (delta % 2 == 0 && labs(k + delta) <= cost && x <= task.forward[last + k]) {
            *met = (struct point){x, y};
            return true;
        }
    }
    return false;
}

/* A point in the middle of a shortest path; both sides of the part have at least one line. */
static struct point middle(const struct part *p)
{
    struct point met = {0, 0};
    task.forward[p->x - p->y + 1] = p->x;
    task.backward[p->x_end - p->y_end - 1] = p->x_end;
    for (long cost = 0;; cost++)
        if (step_forward(p, cost, &met) || step_backward(p, cost, &met))
            return met;
}

static void mark(bool *changed, long from, long to)
{
    for (; from < to; from++)
        changed[from] = true;
}

static void compare_part(struct part p)
{
    while (p.x < p.x_end && p.y < p.y_end && same(p.x, p.y))
        p.x++, p.y++;
    while (p.x < p.x_end && p.y < p.y_end && same(p.x_end - 1, p.y_end - 1))
        p.x_end--, p.y_end--;
    if (p.x == p.x_end || p.y == p.y_end) {
        mark(task.old->changed, p.x, p.x_end);
        mark(task.new->changed, p.y, p.y_end);
        return;
    }
    struct point met = middle(&p);
    compare_part((struct part){p.x, met.x, p.y, met.y});
    compare_part((struct part){met.x, p.x_end, met.y, p.y_end});
}

bool compare(struct text *old, struct text *new)
{
    /* as far as all lines of both from the middle, and half as far from there */
    size_t diagonals = 4 * (old->count + new->count) + 8;
    long *memory = calloc(2 * diagonals, sizeof *memory);
    if (memory == NULL) {
        command_failed("diff", "comparing", ENOMEM);
        return false;
    }
    task.old = old;
    task.new = new;
    task.forward = memory + diagonals / 2;
    task.backward = memory + diagonals + diagonals / 2;
    compare_part((struct part){0, (long)old->count, 0, (long)new->count});
    free(memory);
    return true;
}
