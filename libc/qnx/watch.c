/* SPDX-License-Identifier: MIT */
/* Who waits in poll for something of an open file. */
#include <stdlib.h>

#include <iris/calls.h>

#include "qnx.h"
#include "slots.h"

struct watch {
    struct watch *next;
    uint32_t portal, bits;
};

#define WATCHES_MAX 16u /* of one open file; who comes later is refused until it is told */

int qnx_watch_add(struct client *client, uint32_t portal, uint32_t bits)
{
    struct watch *watch = malloc(sizeof *watch);
    unsigned count = 0;

    if (watch == NULL)
        return -ENOMEM;
    qnx_lock();
    for (const struct watch *other = client->watches; other != NULL; other = other->next)
        count++;
    if (count < WATCHES_MAX) {
        *watch = (struct watch){client->watches, portal, bits};
        client->watches = watch;
    }
    qnx_unlock();
    if (count < WATCHES_MAX)
        return 0;
    free(watch);
    return -EAGAIN;
}

void qnx_watches_end(struct client *client, bool tell)
{
    while (client->watches != NULL) {
        struct watch *watch = client->watches;
        client->watches = watch->next;
        if (tell)
            iris_notify(watch->portal, watch->bits);
        iris_handle_discard(watch->portal);
        free(watch);
    }
}
