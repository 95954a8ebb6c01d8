/* SPDX-License-Identifier: MIT */
#include "waiting.h"

#include <stdlib.h>

#include <iris/calls.h>

#include "slots.h"

int waiting_add(struct waiting *waiting, struct iris_request *rq, struct iris_buffer_ref data)
{
    struct waiter *waiter = malloc(sizeof *waiter), **last = &waiting->first;

    if (waiter == NULL)
        return -ENOMEM;
    int reply = iris_request_keep(rq);
    if (reply < 0) {
        free(waiter);
        return reply;
    }
    *waiter = (struct waiter){.data = iris_buffer_kept(data, (uint32_t)reply)};
    while (*last != NULL)
        last = &(*last)->next;
    *last = waiter;
    return IRIS_DEFER;
}

static void remove_first(struct waiter **place)
{
    struct waiter *waiter = *place;

    *place = waiter->next;
    free(waiter);
}

bool waiting_take(struct waiting *waiting, struct iris_buffer_ref *data)
{
    if (waiting->first == NULL)
        return false;
    *data = waiting->first->data;
    remove_first(&waiting->first);
    return true;
}

void waiting_remove(struct waiting *waiting) { remove_first(&waiting->first); }

static bool is_dead(uint32_t reply)
{
    struct iris_handle_info info;
    return iris_handle_identify(reply, 0, &info) < 0 || info.type != IRIS_TYPE_REPLY;
}

void waiting_sweep(struct waiting *waiting)
{
    struct waiter **place = &waiting->first;

    while (*place != NULL) {
        if (is_dead((*place)->data.reply)) {
            iris_handle_discard((*place)->data.reply);
            remove_first(place);
        } else {
            place = &(*place)->next;
        }
    }
}
