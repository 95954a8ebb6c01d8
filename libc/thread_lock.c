/* SPDX-License-Identifier: MIT */
#include "threads.h"

/* libc/signal: only in programs that handle signals. */
#define ONLY_WITH_SIGNALS __attribute__((weak, visibility("hidden")))
void signals_hold(struct thread *self) ONLY_WITH_SIGNALS;
void signals_release(struct thread *self) ONLY_WITH_SIGNALS;

void thread_lock(struct iris_mutex *mutex)
{
    if (signals_hold != NULL)
        signals_hold(thread_self());
    iris_mutex_lock(mutex);
}

void thread_unlock(struct iris_mutex *mutex)
{
    iris_mutex_unlock(mutex);
    if (signals_release != NULL)
        signals_release(thread_self());
}
