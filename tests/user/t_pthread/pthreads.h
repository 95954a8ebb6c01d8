/* SPDX-License-Identifier: MIT */
/* The parts of t_pthread. */
#ifndef T_PTHREAD_H
#define T_PTHREAD_H

#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <iris/sync.h>

#include "kit.h"

void check_life(unsigned rounds); /* life.c: beginning, end, and what comes back */
void check_cancel(unsigned rounds);
void check_mutexes(unsigned rounds);
void check_contention(unsigned rounds);
void check_priorities(void);
void check_exhaustion(void);

/* A moment of CLOCK_REALTIME or another clock, from now on. */
struct timespec in_ms(clockid_t clock, int ms);

/* Starts a thread, and joins it; what it returned. */
pthread_t start(void *(*function)(void *), void *argument);
void *join(pthread_t thread);

#endif
