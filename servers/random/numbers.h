/* SPDX-License-Identifier: MIT */
/* /dev/random and /dev/urandom: the interface `file` on the same numbers. */
#ifndef RANDOM_NUMBERS_H
#define RANDOM_NUMBERS_H

#include "server.h"

/* Badges of the two devices; open files have others. */
enum { DEVICE_BADGE_RANDOM = 2, DEVICE_BADGE_URANDOM = 3 };

/* Answers a kept reader. */
typedef int device_answer(uint32_t reply, int status, uint32_t count);

/* In main.c: random bytes, at once or, kept, when there are any; flags as in random.read. */
int random_give(struct iris_request *rq, uint32_t flags, struct iris_buffer_ref data,
                uint32_t *count, device_answer *answer);
void random_mix(const void *data, uint32_t size);

int device_begin(void);

/* For the server's locate and event; false: the badge is none of these devices'. */
bool device_locate(uint32_t badge, struct iris_target *target);
void device_closed(uint32_t badge);

#endif
