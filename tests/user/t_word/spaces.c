/* SPDX-License-Identifier: MIT */
/* Words that several spaces see, at several addresses; and what unmapping does to sleepers. */
#include "t_word.h"

static struct twin twin;

/* In the twin, whose memory is this program's: so the sleeper's notes arrive here. */
static bool launch_in_twin(unsigned thread, unsigned i, uint32_t address)
{
    struct iris_word word = {address, 0};

    prepare(i, &word, 1, IRIS_DEADLINE_NONE);
    return twin_start(&twin, thread, sleep_once, &sleepers[i]) == 0 &&
           kit_wait_state(twin.space, thread, IRIS_THREAD_SLEEPING);
}

static void wake_word(void *word) { awake = 100 + (unsigned)iris_word_wake(word, 9); }

void check_spaces(void)
{
    uint32_t shared = (uint32_t)page;

    if (!TEST_CHECK(twin_make(&twin, true), "another space that shows the same memory"))
        return;
    TEST_EQUAL(iris_memory_map(twin.space, FAR, 0, shared, 1, 0), 1, "one page twice, read-only");
    TEST_CHECK(launch_in_twin(0, 0, shared + 8) && launch_in_twin(1, 1, FAR + 8),
               "two of its threads sleep on one word, at two addresses");
    TEST_CHECK(launch(2, &page[2]), "and one of this space");
    kit_audit("with sleepers of two spaces");
    awake = 0;
    TEST_EQUAL(iris_word_wake(&page[2], 1), 1, "it came first");
    TEST_CHECK(wait_awake(0) && sleepers[0].result == 0, "and goes on first");
    TEST_EQUAL(iris_word_wake(&page[2], 1), 1, "at the other address");
    TEST_CHECK(wait_awake(1) && sleepers[1].result == 0, "goes on second");
    TEST_CHECK(is_asleep(2), "the last one waits for its turn");
    bare_end(&twin.threads[0]);
    TEST_EQUAL(twin_start(&twin, 0, wake_word, (void *)(FAR + 8)), 0, "the twin wakes it");
    TEST_CHECK(wait_awake(2) && sleepers[2].result == 0, "from its side, by its address");
    twin_free(&twin);
    finish();
}

/* ---- Unmapping ---- */

static void check_own(void)
{
    uint32_t shared = (uint32_t)page;
    struct iris_word words[2] = {{shared, 0}, {FAR, 0}};

    TEST_EQUAL(iris_memory_map(0, FAR, 0, shared, 1, IRIS_MAP_WRITE), 1, "the page once more");
    TEST_CHECK(launch_words(0, &words[1], 1, IRIS_DEADLINE_NONE) &&
                   launch_words(1, words, 2, IRIS_DEADLINE_NONE) && launch(2, page),
               "sleepers: there, at both addresses, only here");
    TEST_EQUAL(iris_memory_map(0, FAR + IRIS_PAGE_SIZE, 0, FAR, 1, IRIS_MAP_GRANT), -EBUSY,
               "a page that is slept on is not granted");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_PROTECT), 0, "it can become read-only");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 1, 0), 0, "or lose what derives from it");
    TEST_CHECK(is_asleep(0) && is_asleep(1) && is_asleep(2), "that wakes nobody");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_OWN), 0, "unmapping it");
    TEST_CHECK(wait_awake(0) && sleepers[0].result == -EAGAIN, "wakes who sleeps there");
    TEST_CHECK(wait_awake(1) && sleepers[1].result == -EAGAIN, "and who sleeps there, too");
    TEST_CHECK(is_asleep(2), "not who sees the word elsewhere");
    kit_audit("after the unmapping");
    TEST_EQUAL(iris_word_wake(page, 9), 1, "who sleeps on");
    finish();
}

static void check_derived(void)
{
    uint32_t shared = (uint32_t)page;

    if (!TEST_CHECK(twin_make(&twin, true), "another space"))
        return;
    TEST_CHECK(launch_in_twin(0, 0, shared) && launch_in_twin(1, 1, shared + 4) && launch(2, page),
               "sleepers on a page that was mapped on");
    TEST_EQUAL(iris_memory_unmap(0, shared, 1, 0), 0, "taking it back");
    TEST_CHECK(is_asleep(2), "leaves the owner alone");
    TEST_EQUAL(iris_memory_map(twin.space, shared, 0, shared, 1, IRIS_MAP_WRITE), 1, "given again");
    TEST_CHECK(wait_awake(0) && wait_awake(1) && sleepers[0].result == -EAGAIN &&
                   sleepers[1].result == -EAGAIN,
               "the others are told");
    TEST_CHECK(launch_in_twin(2, 0, shared), "a sleeper in a space");
    twin_free(&twin);
    TEST_EQUAL(iris_word_wake(page, 9), 1, "that ends: only one's own is left to wake");
    kit_audit("after the space's end");
    finish();
}

/* Many times unmapped under sleepers that come back at once. */
static volatile uint32_t stop, returns;

static void sleep_again(void *address)
{
    struct iris_word word = {(uint32_t)address, 0};
    struct iris_word gate = {(uint32_t)&page[512], 0};

    while (!stop) {
        int result = wait_words(&word, 1, IRIS_DEADLINE_NONE);
        returns += result == -EAGAIN;
        if (result == -EFAULT) /* gone: until it is there again */
            wait_words(&gate, 1, IRIS_DEADLINE_NONE);
    }
    iris_thread_exit(0);
}

static void check_often(void)
{
    unsigned failed = 0, rounds = 200;

    stop = returns = 0;
    for (unsigned i = 0; i < 4; i++) {
        prepare(i, NULL, 0, 0);
        failed += bare_run(sleepers[i].bare, 0, UTCB_FIRST + i, sleep_again, (void *)FAR) < 0;
    }
    for (unsigned i = 0; i < rounds; i++) {
        failed += iris_memory_map(0, FAR, 0, (uint32_t)page, 1, 0) != 1;
        iris_word_wake(&page[512], 9);
        for (unsigned k = 0; k < 4; k++)
            failed += !kit_wait_state(0, UTCB_FIRST + k, IRIS_THREAD_SLEEPING);
        failed += iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_OWN) != 0;
    }
    stop = 1;
    page[512] = 1;
    iris_word_wake(&page[512], 9);
    for (unsigned k = 0; k < 4; k++)
        failed += !kit_wait_state(0, UTCB_FIRST + k, IRIS_THREAD_DEAD);
    TEST_CHECK(failed == 0 && returns > rounds, "%u unmappings under sleepers that come again: %u",
               rounds, (unsigned)returns);
    finish();
}

void check_unmap(void)
{
    check_own();
    check_derived();
    check_often();
}
