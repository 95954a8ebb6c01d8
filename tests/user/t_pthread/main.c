/* SPDX-License-Identifier: MIT */
/* POSIX threads: what only Iris can tell of them, and contention. */
#include "pthreads.h"

#include <iris/summary.h>
#include <stdlib.h>

IRIS_SUMMARY("test: POSIX threads come and go, are cancelled, share and wait: [ROUNDS]");

struct timespec in_ms(clockid_t clock, int ms)
{
    struct timespec time;

    clock_gettime(clock, &time);
    time.tv_sec += ms / 1000;
    time.tv_nsec += ms % 1000 * 1000000L;
    if (time.tv_nsec >= 1000000000L) {
        time.tv_nsec -= 1000000000L;
        time.tv_sec++;
    }
    return time;
}

pthread_t start(void *(*function)(void *), void *argument)
{
    pthread_t thread;

    if (!TEST_CHECK(pthread_create(&thread, NULL, function, argument) == 0, "a thread starts"))
        exit(test_end());
    return thread;
}

void *join(pthread_t thread)
{
    void *result = NULL;
    return pthread_join(thread, &result) == 0 ? result : (void *)-2;
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 1000);

    test_begin("t_pthread");
    check_life(rounds);
    check_cancel(rounds);
    check_mutexes(rounds);
    check_contention(rounds);
    check_priorities();
    check_exhaustion();
    return test_end();
}
