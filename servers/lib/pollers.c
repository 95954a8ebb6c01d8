/* SPDX-License-Identifier: MIT */
#include "pollers.h"

#include <stdlib.h>

#include <iris/calls.h>

#include "file.h" /* generated from file.idl */

#define POLLERS_MAX 64u /* of one file */
#define UNASKED (FILE_POLL_HANGUP | FILE_POLL_ERROR)

struct poller {
    struct poller *next;
    uint32_t portal, bits, events;
};

static void remove_at(struct pollers *pollers, struct poller **place)
{
    struct poller *poller = *place;

    *place = poller->next;
    pollers->count--;
    iris_handle_discard(poller->portal);
    free(poller);
}

/* Who does not wait any more has destroyed the portal. */
static void sweep(struct pollers *pollers)
{
    struct iris_handle_info info;

    for (struct poller **place = &pollers->first; *place != NULL;)
        if (iris_handle_identify((*place)->portal, 0, &info) < 0 || info.type != IRIS_TYPE_PORTAL)
            remove_at(pollers, place);
        else
            place = &(*place)->next;
}

static int add(struct pollers *pollers, struct iris_request *rq, uint32_t events, uint32_t bits,
               uint32_t portal)
{
    sweep(pollers);
    struct poller *poller = pollers->count < POLLERS_MAX ? malloc(sizeof *poller) : NULL;
    if (poller == NULL)
        return -EAGAIN;
    *poller = (struct poller){.next = pollers->first,
                              .portal = iris_request_claim(rq, portal),
                              .bits = bits,
                              .events = events | UNASKED};
    pollers->first = poller;
    pollers->count++;
    return 0;
}

int pollers_poll(struct pollers *pollers, struct iris_request *rq, uint32_t events, uint32_t now,
                 uint32_t bits, uint32_t portal, uint32_t *ready)
{
    *ready = now & (events | UNASKED);
    return *ready != 0 || portal == 0 ? 0 : add(pollers, rq, events, bits, portal);
}

void pollers_tell(struct pollers *pollers, uint32_t now)
{
    for (struct poller **place = &pollers->first; *place != NULL;)
        if ((*place)->events & now) {
            iris_notify((*place)->portal, (*place)->bits);
            remove_at(pollers, place);
        } else {
            place = &(*place)->next;
        }
}

void pollers_end(struct pollers *pollers)
{
    while (pollers->first != NULL)
        remove_at(pollers, &pollers->first);
}
