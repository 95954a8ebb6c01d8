/* SPDX-License-Identifier: MIT */
/* Locked ranges against a model that has a letter for each byte. */
#include <stdbool.h>

#include "../../servers/lib/lock_ranges.c"

#include "server_check.h"

#define BYTES 80u
#define OWNERS 3u

static struct lock_ranges owner[OWNERS];
static char model[OWNERS][2][BYTES]; /* of two files: 0, 's' or 'x' */
static int file[2];                  /* their addresses are the nodes */

/* How many ranges the model says there are. */
static uint32_t count(uint32_t who)
{
    uint32_t ranges = 0;

    for (int f = 0; f < 2; f++)
        for (uint32_t i = 0; i < BYTES; i++)
            ranges += model[who][f][i] != 0 && (i == 0 || model[who][f][i] != model[who][f][i - 1]);
    return ranges;
}

static void compare(uint32_t who)
{
    for (int f = 0; f < 2; f++)
        for (uint32_t i = 0; i < BYTES; i++) {
            const struct lock_range read = {&file[f], i, i, false}, write = {&file[f], i, i, true};
            CHECK((lock_ranges_hinder(&owner[who], &read) != NULL) == (model[who][f][i] == 'x'));
            CHECK((lock_ranges_hinder(&owner[who], &write) != NULL) == (model[who][f][i] != 0));
        }
    CHECK(owner[who].count == count(who));
}

/* The first range in the way of another is told as a whole. */
static void find_first(uint32_t who, int f)
{
    const struct lock_range all = {&file[f], 0, UINT32_MAX, true};
    const struct lock_range *first = lock_ranges_hinder(&owner[who], &all);
    uint32_t at = 0;

    while (at < BYTES && model[who][f][at] == 0)
        at++;
    CHECK((first != NULL) == (at < BYTES));
    if (first == NULL)
        return;
    CHECK(first->start == at && first->exclusive == (model[who][f][at] == 'x'));
    CHECK(first->last == BYTES - 1 || model[who][f][first->last + 1] != model[who][f][at]);
}

static void step(void)
{
    static char before[2][BYTES];
    uint32_t who = random_below(OWNERS), start = random_below(BYTES), f = random_below(2);
    uint32_t most = random_below(4) ? 4 : BYTES, last = start + random_below(most);
    const char kinds[] = {0, 's', 'x'};
    char kind = kinds[random_below(3)];

    last = last < BYTES ? last : BYTES - 1;
    struct lock_range wanted = {&file[f], start, last, kind == 'x'};
    memcpy(before, model[who], sizeof before);
    memset(&model[who][f][start], kind, last - start + 1);
    bool fits = count(who) <= LOCK_RANGES_MAX;
    int status = lock_ranges_set(&owner[who], &wanted, kind != 0);
    CHECK(status == (fits ? 0 : -ENOLCK));
    if (!fits)
        memcpy(model[who], before, sizeof before);
    compare(who);
    find_first(who, (int)f);
    if (random_below(200) == 0) {
        lock_ranges_forget(&owner[who], &file[f]);
        memset(model[who][f], 0, BYTES);
        compare(who);
    }
}

/* Bytes at both ends of what there can be. */
static void check_ends(void)
{
    const struct lock_range all = {&file[0], 0, UINT32_MAX, true}, low = {&file[0], 0, 0, false},
                            high = {&file[0], ~0u, ~0u, false};
    struct lock_ranges ranges = {0};

    CHECK(lock_ranges_set(&ranges, &all, true) == 0 && ranges.count == 1);
    CHECK(lock_ranges_set(&ranges, &low, true) == 0 && ranges.count == 2);
    CHECK(lock_ranges_set(&ranges, &high, true) == 0 && ranges.count == 3);
    CHECK(lock_ranges_set(&ranges, &all, true) == 0 && ranges.count == 1);
    CHECK(lock_ranges_set(&ranges, &all, false) == 0 && ranges.count == 0);
}

int main(void)
{
    check_begin();
    check_ends();
    for (int i = 0; i < 20000; i++)
        step();
    return 0;
}
