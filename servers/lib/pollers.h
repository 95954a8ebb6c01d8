/* SPDX-License-Identifier: MIT */
/* Those who are to be told when a file is ready (file.poll): once each. */
#ifndef IRIS_LIB_POLLERS_H
#define IRIS_LIB_POLLERS_H

#include <stdint.h>

#include "server.h"

struct poller;

struct pollers {
    struct poller *first;
    uint32_t count;
};

/* file.poll, of a file that is ready for `now` (FILE_POLL_*). -EAGAIN: too many wait already. */
int pollers_poll(struct pollers *pollers, struct iris_request *rq, uint32_t events, uint32_t now,
                 uint32_t bits, uint32_t portal, uint32_t *ready);

/* Tells those who wait for any of this, and forgets them. */
void pollers_tell(struct pollers *pollers, uint32_t now);

/* Forgets all: the file goes. */
void pollers_end(struct pollers *pollers);

#endif
