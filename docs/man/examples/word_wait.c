/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/vdso.h>

static volatile uint32_t ready;

static void *prepare(void *unused)
{
    ready = 1; /* first the word, then the call: no waiter misses it */
    iris_word_wake(&ready, ~0u);
    return unused;
}

int main(void)
{
    uint64_t deadline = iris_clock_monotonic() + 5000000000ull;
    struct iris_word word = {(uint32_t)&ready, 0};
    pthread_t thread;

    pthread_create(&thread, NULL, prepare, NULL);
    while (ready == 0)
        if (iris_word_wait(&word, 1, (uint32_t)deadline,
                           (uint32_t)(deadline >> 32)) < 0)
            return 1;
    return pthread_join(thread, NULL);
}
