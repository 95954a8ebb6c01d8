/* SPDX-License-Identifier: MIT */
/* No wake-up is lost: a ball between two threads, and locks that many want. */
#include <malloc.h>
#include <reent.h>
#include <stdlib.h>

#include "t_word.h"

static struct twin twin;
static volatile uint32_t errors;
static uint32_t finished; /* threads; who waits for them sleeps here */

static void finish_thread(void)
{
    __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
    iris_word_rouse(&finished);
    iris_thread_exit(0);
}

static bool wait_finished(uint32_t threads)
{
    uint64_t end = kit_soon(300000);
    uint32_t seen;

    while ((seen = __atomic_load_n(&finished, __ATOMIC_SEQ_CST)) != threads)
        if (iris_word_sleep(&finished, seen, end) == -ETIMEDOUT)
            return false;
    return true;
}

/* ---- A ball: whose turn it is stands in words[0]; the other words are there to be ignored ---- */

struct player {
    uint32_t *turn;
    uint32_t self, rounds, words;
    bool impatient; /* looks up again and again */
};

static void play(void *argument)
{
    const struct player *p = argument;

    for (uint32_t i = 0; i < p->rounds; i++) {
        uint32_t seen;
        while ((seen = __atomic_load_n(p->turn, __ATOMIC_ACQUIRE)) % 2 != p->self) {
            struct iris_word words[4] = {{(uint32_t)&p->turn[4], 0},
                                         {(uint32_t)&p->turn[8], 0},
                                         {(uint32_t)&p->turn[12], 0}};
            words[p->words - 1] = (struct iris_word){(uint32_t)p->turn, seen};
            uint64_t deadline = p->impatient ? iris_clock_monotonic() + 20000 : kit_soon(5000);
            int result = wait_words(words, p->words, deadline);
            errors += result != (int)p->words - 1 && !(p->impatient && result == -ETIMEDOUT);
            if (errors)
                break;
        }
        __atomic_store_n(p->turn, seen + 1, __ATOMIC_RELEASE);
        int woken = iris_word_wake(p->turn, 1);
        errors += woken < 0 || woken > 1;
    }
    finish_thread();
}

static void check_ball(const char *what, uint32_t rounds, uint32_t words, bool impatient, bool both)
{
    struct player players[2] = {{page, 0, rounds, words, impatient},
                                {page, 1, rounds, words, impatient}};
    static struct player in_memory[2];

    errors = finished = 0;
    in_memory[0] = players[0];
    in_memory[1] = players[1];
    prepare(0, NULL, 0, 0);
    bool begun = bare_run(sleepers[0].bare, 0, UTCB_FIRST, play, &in_memory[0]) == 0;
    if (both) {
        begun = begun && twin_start(&twin, 0, play, &in_memory[1]) == 0;
    } else {
        prepare(1, NULL, 0, 0);
        begun = begun && bare_run(sleepers[1].bare, 0, UTCB_FIRST + 1, play, &in_memory[1]) == 0;
    }
    TEST_CHECK(begun, "%s: two players", what);
    wait_finished(2);
    TEST_CHECK(page[0] == 2 * rounds && errors == 0, "%s: %u rounds (of %u), %u errors", what,
               (unsigned)page[0] / 2, (unsigned)rounds, (unsigned)errors);
    if (both)
        bare_end(&twin.threads[0]);
    finish();
}

void check_rounds(unsigned rounds)
{
    check_ball("one word", rounds, 1, false, false);
    check_ball("four words", rounds / 4 + 1, 4, false, false);
    check_ball("with deadlines", rounds / 4 + 1, 2, true, false);
    if (!TEST_CHECK(twin_make(&twin, true), "another space"))
        return;
    check_ball("two spaces", rounds / 4 + 1, 1, false, true);
    twin_free(&twin);
}

/* ---- Locks ---- */

#define WORKERS 4

static struct {
    struct iris_mutex mutex;
    struct iris_condition filled, emptied;
    struct iris_semaphore semaphore;
    uint32_t count, inside, full, item, rounds;
    uint32_t produced, consumed;
} shared;

/* A little time, now and then the rest of the turn, with the lock held. */
static void dawdle(uint32_t *seed)
{
    if (kit_random(seed) % 16 == 0)
        iris_thread_switch(0);
}

static void work_mutex(void *number)
{
    uint32_t seed = (uint32_t)number + 1;

    for (uint32_t i = 0; i < shared.rounds; i++) {
        iris_mutex_lock(&shared.mutex);
        errors += shared.inside++ != 0;
        dawdle(&seed);
        shared.count++;
        shared.inside--;
        iris_mutex_unlock(&shared.mutex);
        dawdle(&seed);
    }
    finish_thread();
}

static void work_semaphore(void *number)
{
    uint32_t seed = (uint32_t)number + 1;

    for (uint32_t i = 0; i < shared.rounds; i++) {
        errors += iris_semaphore_take(&shared.semaphore, kit_soon(KIT_PATIENCE)) != 0;
        errors += __atomic_add_fetch(&shared.inside, 1, __ATOMIC_SEQ_CST) > 2;
        dawdle(&seed);
        __atomic_sub_fetch(&shared.inside, 1, __ATOMIC_SEQ_CST);
        iris_semaphore_give(&shared.semaphore);
    }
    finish_thread();
}

/* Odd ones put numbers into a place for one, even ones take them. */
static void work_condition(void *number)
{
    bool producer = (uint32_t)number % 2;
    struct iris_condition *mine = producer ? &shared.emptied : &shared.filled;
    struct iris_condition *theirs = producer ? &shared.filled : &shared.emptied;

    for (uint32_t i = 0; i < shared.rounds; i++) {
        iris_mutex_lock(&shared.mutex);
        while (shared.full == producer)
            errors += iris_condition_wait(mine, &shared.mutex, kit_soon(KIT_PATIENCE)) != 0;
        if (producer)
            shared.produced += shared.item = i * 2654435761u;
        else
            shared.consumed += shared.item;
        shared.full = producer;
        iris_mutex_unlock(&shared.mutex);
        if (i % 8 == 0)
            iris_condition_broadcast(theirs);
        else
            iris_condition_signal(theirs);
    }
    finish_thread();
}

static void run_workers(const char *what, void (*work)(void *))
{
    unsigned begun = 0;

    errors = finished = 0;
    for (unsigned i = 0; i < WORKERS; i++) {
        prepare(i, NULL, 0, 0);
        begun += bare_run(sleepers[i].bare, 0, UTCB_FIRST + i, work, (void *)i) == 0;
    }
    wait_finished(WORKERS);
    TEST_CHECK(begun == WORKERS && finished == WORKERS && errors == 0,
               "%s: %u of %u workers come to their end, %u errors", what, (unsigned)finished,
               WORKERS, (unsigned)errors);
    finish();
}

static void check_library(void)
{
    struct iris_mutex mutex = {0};
    struct iris_condition condition = {0, 0};
    struct iris_semaphore semaphore = {1, 0};

    TEST_CHECK(iris_mutex_try(&mutex) && !iris_mutex_try(&mutex), "a mutex is taken once");
    TEST_EQUAL(iris_mutex_lock_until(&mutex, kit_soon(10)), -ETIMEDOUT, "even after a while");
    TEST_EQUAL(iris_condition_wait(&condition, &mutex, kit_soon(10)), -ETIMEDOUT, "no signal");
    TEST_CHECK(!iris_mutex_try(&mutex), "the mutex is taken again");
    iris_mutex_unlock(&mutex);
    TEST_EQUAL(iris_mutex_lock_until(&mutex, kit_soon(10)), 0, "it can be given up");
    TEST_EQUAL(iris_semaphore_take(&semaphore, IRIS_DEADLINE_POLL), 0, "a semaphore of one");
    TEST_EQUAL(iris_semaphore_take(&semaphore, IRIS_DEADLINE_POLL), -ETIMEDOUT, "has no more");
    TEST_EQUAL(iris_semaphore_take(&semaphore, kit_soon(10)), -ETIMEDOUT, "not even later");
    iris_semaphore_give(&semaphore);
    TEST_EQUAL(iris_semaphore_take(&semaphore, kit_soon(10)), 0, "until it is given back");
}

/* ---- newlib's locks: who comes to one that is taken sleeps, whatever its priority ---- */

static volatile uint32_t allocated;

static int allocate(void *unused)
{
    (void)unused;
    void *memory = malloc(100);
    allocated = memory ? 1 : 2;
    free(memory);
    return 0;
}

/* The UTCB slots of the library's threads are not ours to choose: looks at all. */
static bool somebody_sleeps(void)
{
    struct iris_thread_info info;
    uint32_t cursor = 0;

    while (iris_space_inspect(0, IRIS_INSPECT_THREADS, cursor, &info, 1) == 1) {
        if (info.state == IRIS_THREAD_SLEEPING)
            return true;
        cursor = info.utcb_slot + 1;
    }
    return false;
}

static void check_newlib(void)
{
    struct iris_thread_options options = {.priority = (int)kit_priority()};
    struct iris_thread thread;
    int result = -1;

    iris_thread_schedule(IRIS_SLOT_THREAD, kit_priority() - 1, 0, 0, 0, 0);
    __malloc_lock(_REENT);
    __malloc_lock(_REENT);
    int launched = iris_thread_launch(&thread, allocate, NULL, &options);
    TEST_CHECK(launched == 0 && allocated == 0 && somebody_sleeps(),
               "a thread of higher priority sleeps at malloc's lock");
    __malloc_unlock(_REENT);
    TEST_CHECK(allocated == 0, "that is taken twice");
    __malloc_unlock(_REENT);
    TEST_EQUAL(allocated, 1, "until it is free");
    TEST_CHECK(iris_thread_join(&thread, &result) == 0 && result == 0, "and ends");
    iris_thread_schedule(IRIS_SLOT_THREAD, (uint32_t)options.priority, 0, 0, 0, 0);
}

void check_locks(unsigned rounds)
{
    check_library();
    check_newlib();
    shared.rounds = rounds;
    run_workers("a mutex", work_mutex);
    TEST_EQUAL(shared.count, WORKERS * rounds, "none got past another");
    shared.semaphore.count = 2;
    run_workers("a semaphore of two", work_semaphore);
    TEST_EQUAL(shared.semaphore.count, 2, "which is two again");
    run_workers("conditions", work_condition);
    TEST_EQUAL(shared.consumed, shared.produced, "what was put in was taken out");
}
