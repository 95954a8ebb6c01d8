/* SPDX-License-Identifier: MIT */
/*
 * A thread pool in POSIX's words: workers take jobs from a queue, one waits on a condition for all
 * to be done. Nothing here knows of Iris but the line for `help`.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <iris/summary.h>

IRIS_SUMMARY("count primes with a pool of threads: [WORKERS]");

#define WORKERS_MAX 16
#define JOBS 64
#define NUMBERS 500 /* in each job */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work, done; /* something is queued; nothing is left */
    int queue[JOBS], first, count;
    int unfinished;
    bool closed;
    int primes;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .work = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static bool is_prime(int n)
{
    for (int i = 2; i * i <= n; i++)
        if (n % i == 0)
            return false;
    return n > 1;
}

static int primes_of(int job)
{
    int found = 0;
    for (int n = job * NUMBERS; n < (job + 1) * NUMBERS; n++)
        found += is_prime(n);
    return found;
}

static void submit(int job)
{
    pthread_mutex_lock(&pool.lock);
    pool.queue[(pool.first + pool.count++) % JOBS] = job;
    pool.unfinished++;
    pthread_cond_signal(&pool.work);
    pthread_mutex_unlock(&pool.lock);
}

/* With the lock taken: the next job, or -1 when there will be none. */
static int take(void)
{
    while (pool.count == 0 && !pool.closed)
        pthread_cond_wait(&pool.work, &pool.lock);
    if (pool.count == 0)
        return -1;
    int job = pool.queue[pool.first];
    pool.first = (pool.first + 1) % JOBS;
    pool.count--;
    return job;
}

/* The lock is free while it counts: that is what makes them parallel. */
static void *worker(void *unused)
{
    pthread_mutex_lock(&pool.lock);
    for (int job = take(); job >= 0; job = take()) {
        pthread_mutex_unlock(&pool.lock);
        int found = primes_of(job);
        pthread_mutex_lock(&pool.lock);
        pool.primes += found;
        if (--pool.unfinished == 0)
            pthread_cond_signal(&pool.done);
    }
    pthread_mutex_unlock(&pool.lock);
    return unused;
}

static void wait_and_close(void)
{
    pthread_mutex_lock(&pool.lock);
    while (pool.unfinished > 0)
        pthread_cond_wait(&pool.done, &pool.lock);
    pool.closed = true;
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.lock);
}

int main(int argc, char *argv[])
{
    pthread_t thread[WORKERS_MAX];
    int workers = argc > 1 ? atoi(argv[1]) : 4, started = 0;

    if (workers < 1 || workers > WORKERS_MAX)
        return 2;
    while (started < workers && pthread_create(&thread[started], NULL, worker, NULL) == 0)
        started++;
    if (started == 0)
        return 1;
    for (int job = 0; job < JOBS; job++)
        submit(job);
    wait_and_close();
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    printf("%d workers found %d primes below %d\n", started, pool.primes, JOBS * NUMBERS);
    return 0;
}
