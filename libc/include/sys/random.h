/* SPDX-License-Identifier: MIT */
/* Random bytes; docs/entropy.md says what they are worth. getentropy is in <unistd.h>. */
#ifndef _SYS_RANDOM_H
#define _SYS_RANDOM_H

#include <sys/types.h>

#define GRND_NONBLOCK 1u /* EAGAIN instead of waiting, early after the start */
#define GRND_RANDOM 2u   /* the same source: nothing is gained by it */
#define GRND_INSECURE 4u /* never waits: perhaps predictable, early after the start */

#ifdef __cplusplus
extern "C" {
#endif

/* Fills the buffer; up to 256 bytes at once or not at all. */
ssize_t getrandom(void *buffer, size_t size, unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
