/* SPDX-License-Identifier: MIT */
/* Callers kept for later, first come first served. */
#ifndef IRIS_LIB_WAITING_H
#define IRIS_LIB_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "server.h"

struct waiter {
    struct waiter *next;
    struct iris_buffer_ref data; /* data.reply: the kept caller */
    uint32_t done;               /* bytes of it that are dealt with: the server's to count */
};

struct waiting {
    struct waiter *first;
};

/* Keeps the current caller at the end of a queue: IRIS_DEFER or a negative error number. */
int waiting_add(struct waiting *waiting, struct iris_request *rq, struct iris_buffer_ref data);

/* Takes the first out, to be answered. */
bool waiting_take(struct waiting *waiting, struct iris_buffer_ref *data);

/* The same after looking at `waiting->first`. */
void waiting_remove(struct waiting *waiting);

/* Forgets those that have died: their REPLY handles name nothing any more. */
void waiting_sweep(struct waiting *waiting);

#endif
