/* SPDX-License-Identifier: MIT */
/* Arguments, one sleeper, several words, deadlines, and the order of waking. */
#include <string.h>

#include "t_word.h"

/* ---- Arguments ---- */

static int wait_at(uint32_t address)
{
    struct iris_word word = {address, 0};
    return wait_words(&word, 1, IRIS_DEADLINE_POLL);
}

static int wake_at(uint32_t address) { return iris_word_wake((void *)address, 1); }

void check_arguments(void)
{
    static const uint32_t nowhere[] = {0,
                                       FAR,
                                       IRIS_USER_TOP,
                                       0xffa00000,
                                       0xfffffffc,
                                       IRIS_DATA_PAGE,
                                       IRIS_VDSO_BASE,
                                       IRIS_UTCB_BASE,
                                       0xffffffff};
    struct iris_word words[5];
    uint32_t word = (uint32_t)&page[3];

    for (unsigned i = 0; i < 5; i++)
        words[i] = (struct iris_word){word, 0};
    TEST_EQUAL(wait_words(words, 0, IRIS_DEADLINE_POLL), -EINVAL, "no word");
    TEST_EQUAL(wait_words(words, 5, IRIS_DEADLINE_POLL), -EINVAL, "five words");
    TEST_EQUAL(wait_words(words, 0xffffffff, IRIS_DEADLINE_POLL), -EINVAL, "four thousand million");
    TEST_EQUAL(wait_words(words, 0x20000001, IRIS_DEADLINE_POLL), -EINVAL, "a count that wraps");
    for (unsigned i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        TEST_EQUAL(wait_at(nowhere[i]), -EFAULT, "waiting at 0x%x", (unsigned)nowhere[i]);
        TEST_EQUAL(wake_at(nowhere[i]), -EFAULT, "waking at 0x%x", (unsigned)nowhere[i]);
    }
    for (unsigned i = 1; i < 4; i++) {
        TEST_EQUAL(wait_at(word + i), -EINVAL, "waiting at a word that is off by %u", i);
        TEST_EQUAL(wake_at(word + i), -EINVAL, "waking there");
    }
    words[3].address = FAR;
    words[0].value = 1;
    TEST_EQUAL(wait_words(words, 4, IRIS_DEADLINE_POLL), -EFAULT,
               "a bad word counts, whatever the others are");
    TEST_EQUAL(wait_at(word), -ETIMEDOUT, "as expected, and no time to wait");
    TEST_EQUAL(wake_at(word), 0, "nobody to wake");
    TEST_EQUAL(iris_word_wake((void *)word, 0xffffffff), 0, "not even all of them");
    static const uint32_t constant = 7; /* in a page that is read-only */
    struct iris_word readable = {(uint32_t)&constant, 7};
    TEST_EQUAL(wait_words(&readable, 1, IRIS_DEADLINE_POLL), -ETIMEDOUT, "read-only words will do");
    TEST_EQUAL(iris_word_wake(&constant, 1), 0, "for both");
}

/* ---- Sleeping ---- */

static void check_several(void)
{
    struct iris_word four[4], same[4];

    for (unsigned i = 0; i < 4; i++) {
        page[i] = i;
        four[i] = (struct iris_word){(uint32_t)&page[i], i};
        same[i] = (struct iris_word){(uint32_t)&page[9], 0};
    }
    for (unsigned i = 0; i < 4; i++) {
        page[i] = 100;
        TEST_EQUAL(wait_words(four, 4, IRIS_DEADLINE_NONE), (int)i, "word %u of four differs", i);
        page[i] = i;
    }
    for (unsigned i = 0; i < 4; i++) {
        TEST_CHECK(launch_words(0, four, 4, IRIS_DEADLINE_NONE), "a sleeper on four words");
        TEST_EQUAL(iris_word_wake(&page[i], 9), 1, "is woken at the one with number %u", i);
        TEST_CHECK(wait_awake(0) && sleepers[0].result == (int)i, "and is told which");
        unsigned others = 0;
        for (unsigned k = 0; k < 4; k++)
            others += (unsigned)iris_word_wake(&page[k], 9);
        TEST_EQUAL(others, 0, "it sleeps at none of them any more");
    }
    TEST_CHECK(launch_words(0, same, 4, IRIS_DEADLINE_NONE), "four times the same word");
    kit_audit("with a sleeper on four words that are one");
    TEST_EQUAL(iris_word_wake(&page[9], 9), 1, "is one sleeper");
    TEST_CHECK(wait_awake(0) && sleepers[0].result == 0, "woken by the first of them");
    finish();
}

static void check_deadlines(void)
{
    struct iris_word words[2] = {{(uint32_t)&page[0], 0}, {(uint32_t)&page[1], 0}};
    uint64_t deadline = kit_soon(30);

    TEST_EQUAL(wait_words(words, 2, deadline), -ETIMEDOUT, "nobody wakes it until its deadline");
    uint64_t now = iris_clock_monotonic();
    TEST_CHECK(now >= deadline, "which has passed by then");
    TEST_EQUAL(wait_words(words, 2, 1), -ETIMEDOUT, "a deadline that was long ago");
    TEST_EQUAL(iris_word_wake(&page[1], 9), 0, "does not sleep on");
    deadline = kit_soon(KIT_PATIENCE);
    TEST_CHECK(launch_words(0, words, 2, deadline), "a deadline far away");
    TEST_EQUAL(iris_word_wake(&page[1], 1), 1, "is forgotten by a waking");
    TEST_CHECK(wait_awake(0) && sleepers[0].result == 1, "that comes before");
    finish();
}

void check_sleep(void)
{
    TEST_CHECK(launch(0, &page[5]), "a sleeper");
    TEST_EQUAL(iris_word_wake(&page[5], 0), 0, "waking none wakes none");
    TEST_EQUAL(iris_word_wake(&page[4], 9) + iris_word_wake(&page[6], 9), 0,
               "its neighbours are not its word");
    page[5] = 1;
    for (unsigned i = 0; i < 20; i++)
        iris_thread_switch(0);
    TEST_CHECK(is_asleep(0), "a change alone does not wake");
    kit_audit("with a sleeper");
    TEST_EQUAL(iris_word_wake(&page[5], 1), 1, "the call does");
    TEST_CHECK(wait_awake(0) && sleepers[0].result == 0, "and it goes on");
    finish();
    check_several();
    check_deadlines();
}

/* ---- Order ---- */

/* Sleepers of several priorities, all above the main thread's, so that they run when they can. */
void check_order(void)
{
    static const uint32_t above[SLEEPERS] = {1, 3, 2, 1, 3, 2, 1, 3};
    static const uint32_t places[SLEEPERS] = {6, 1, 4, 7, 2, 5, 8, 3};
    uint32_t own = kit_priority();
    unsigned ready = 0, right = 0;

    TEST_EQUAL(iris_thread_schedule(IRIS_SLOT_THREAD, own - 4, 0, 0, 0, 0), 0,
               "lower than all others");
    for (unsigned i = 0; i < SLEEPERS; i++) {
        struct iris_word word = {(uint32_t)&page[7], 0};
        struct sleeper *s = prepare(i, &word, 1, IRIS_DEADLINE_NONE);
        if (bare_create(s->bare, 0, UTCB_FIRST + i) == 0 &&
            iris_thread_schedule(s->bare->handle, own - 4 + above[i], 0, 0, 0, 0) == 0)
            bare_start(s->bare, sleep_once, s);
        ready += is_asleep(i);
    }
    TEST_EQUAL(ready, SLEEPERS, "sleepers of three priorities on one word");
    kit_audit("with sleepers of three priorities");
    awake = 0;
    for (unsigned i = 0; i < SLEEPERS; i++)
        right += iris_word_wake(&page[7], 1) == 1 && awake == i + 1;
    TEST_EQUAL(right, SLEEPERS, "each waking wakes one");
    for (unsigned i = 0; i < SLEEPERS; i++)
        TEST_EQUAL(sleepers[i].place, places[i], "sleeper %u of priority +%u in its turn", i,
                   (unsigned)above[i]);
    iris_thread_schedule(IRIS_SLOT_THREAD, own, 0, 0, 0, 0);
    finish();
    for (unsigned i = 0; i < SLEEPERS; i++)
        launch(i, &page[7]);
    unsigned woken = 0, calls = 0;
    woken = (unsigned)iris_word_wake(&page[7], 3);
    TEST_CHECK(woken >= 1 && woken <= 3, "up to three at once: %u", woken);
    for (int n = 1; n > 0; calls++, woken += (unsigned)n)
        n = iris_word_wake(&page[7], 0xffffffff);
    TEST_EQUAL(woken, SLEEPERS, "all of them, in %u calls", calls);
    finish();
}
