/* SPDX-License-Identifier: MIT */
/* Words: row 45, and what hostile programs may try with them. */
#include <iris/summary.h>

#include <string.h>

#include "t_word.h"

IRIS_SUMMARY("test: sleeping and waking on words: [ROUNDS]");

uint32_t page[IRIS_PAGE_SIZE / 4] __attribute__((aligned(IRIS_PAGE_SIZE)));
struct sleeper sleepers[SLEEPERS];
volatile uint32_t awake;
static struct bare threads[SLEEPERS];

int wait_words(const struct iris_word *words, uint32_t count, uint64_t deadline)
{
    return iris_word_wait(words, count, (uint32_t)deadline, (uint32_t)(deadline >> 32));
}

void sleep_once(void *argument)
{
    struct sleeper *sleeper = argument;

    sleeper->result = wait_words(sleeper->words, sleeper->count, sleeper->deadline);
    sleeper->place = ++awake;
}

bool is_asleep(unsigned i)
{
    struct iris_thread_info info;
    return iris_space_inspect(0, IRIS_INSPECT_THREADS, UTCB_FIRST + i, &info, 1) == 1 &&
           info.utcb_slot == UTCB_FIRST + i && info.state == IRIS_THREAD_SLEEPING;
}

struct sleeper *prepare(unsigned i, const struct iris_word *words, uint32_t count,
                        uint64_t deadline)
{
    struct sleeper *sleeper = &sleepers[i];

    bare_end(&threads[i]);
    *sleeper = (struct sleeper){&threads[i], {{0}}, count, deadline, -1, 0};
    memcpy(sleeper->words, words, count * sizeof *words);
    return sleeper;
}

bool launch_words(unsigned i, const struct iris_word *words, uint32_t count, uint64_t deadline)
{
    struct sleeper *sleeper = prepare(i, words, count, deadline);

    return bare_run(&threads[i], 0, UTCB_FIRST + i, sleep_once, sleeper) == 0 &&
           kit_wait_state(0, UTCB_FIRST + i, IRIS_THREAD_SLEEPING);
}

bool launch(unsigned i, uint32_t *word)
{
    struct iris_word wanted = {(uint32_t)word, *word};
    return launch_words(i, &wanted, 1, IRIS_DEADLINE_NONE);
}

bool wait_awake(unsigned i)
{
    uint64_t end = kit_soon(KIT_PATIENCE);

    while (sleepers[i].place == 0 && iris_clock_monotonic() < end)
        iris_thread_switch(0);
    return sleepers[i].place != 0;
}

void finish(void)
{
    for (unsigned i = 0; i < SLEEPERS; i++)
        bare_end(&threads[i]);
    memset(page, 0, sizeof page);
    awake = 0;
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 100000);

    test_begin("t_word");
    memset(page, 0, sizeof page); /* the page is there */
    check_arguments();
    check_sleep();
    check_order();
    check_spaces();
    check_unmap();
    check_ends();
    check_chain();
    check_rounds(rounds);
    check_locks(rounds / 10 + 1);
    kit_audit("after all that");
    return test_end();
}
