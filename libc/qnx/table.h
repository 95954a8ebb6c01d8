/* SPDX-License-Identifier: MIT */
/* Tables from numbers to things. The layer's lock guards them. */
#ifndef QNX_TABLE_H
#define QNX_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define TABLE_ENTRIES_MAX 4096u

struct table_entry {
    void *thing;
    uint32_t round; /* how often the place was used */
};

/* Zeroed: empty. A stamped table gives a number again only after 2^18 others in that place, so a
   number that is used too late is noticed. */
struct table {
    struct table_entry *entry;
    uint32_t capacity;
    bool stamped;
};

/* A number, the lowest free one that is not below `lowest` and not 0; or -EAGAIN, -ENOMEM. */
int qnx_table_add(struct table *table, void *thing, uint32_t lowest);
void *qnx_table_find(const struct table *table, int number);
void qnx_table_remove(struct table *table, int number);

/* The thing with the lowest place >= *place; *place becomes the next to be asked for. */
void *qnx_table_next(const struct table *table, uint32_t *place);

#endif
