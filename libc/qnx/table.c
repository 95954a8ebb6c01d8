/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_BITS 12
#define ROUNDS (1u << 18)

_Static_assert(TABLE_ENTRIES_MAX == 1u << PLACE_BITS, "a place is part of a number");

static struct table_entry *entry_of(const struct table *table, int number)
{
    uint32_t place = (uint32_t)number % TABLE_ENTRIES_MAX;
    uint32_t round = (uint32_t)number >> PLACE_BITS;

    if (number <= 0 || place >= table->capacity || table->entry[place].thing == NULL ||
        round != (table->stamped ? table->entry[place].round % ROUNDS : 0))
        return NULL;
    return &table->entry[place];
}

static int grow(struct table *table)
{
    uint32_t capacity = table->capacity != 0 ? 2 * table->capacity : 16;

    if (capacity > TABLE_ENTRIES_MAX)
        return -EAGAIN;
    struct table_entry *larger = realloc(table->entry, capacity * sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    memset(larger + table->capacity, 0, (capacity - table->capacity) * sizeof *larger);
    table->entry = larger;
    table->capacity = capacity;
    return 0;
}

int qnx_table_add(struct table *table, void *thing, uint32_t lowest)
{
    uint32_t place = lowest > 1 ? lowest : 1;

    if (place >= TABLE_ENTRIES_MAX)
        return -EAGAIN;
    while (place < table->capacity && table->entry[place].thing != NULL)
        place++;
    while (place >= table->capacity) {
        int status = grow(table);
        if (status < 0)
            return status;
    }
    table->entry[place].thing = thing;
    uint32_t round = table->stamped ? ++table->entry[place].round % ROUNDS : 0;
    return (int)(round << PLACE_BITS | place);
}

void *qnx_table_find(const struct table *table, int number)
{
    const struct table_entry *entry = entry_of(table, number);
    return entry != NULL ? entry->thing : NULL;
}

void qnx_table_remove(struct table *table, int number)
{
    struct table_entry *entry = entry_of(table, number);
    if (entry != NULL)
        entry->thing = NULL;
}

void *qnx_table_next(const struct table *table, uint32_t *place)
{
    while (*place < table->capacity) {
        void *thing = table->entry[(*place)++].thing;
        if (thing != NULL)
            return thing;
    }
    return NULL;
}
