/* SPDX-License-Identifier: MIT */
#include "victim.h"

#include <string.h>

#define WORDS 64
#define MASK 0x5a5a5a5au
#define FLAGS_BAD 0x00044500u /* TF, DF, NT, AC */

static struct {
    struct rig rig;
    struct bare server, worker;
    volatile uint32_t stop, stopped;
    uint32_t rounds, wrong_words, wrong_selectors, wrong_flags, errors;
    uint32_t checksum;
} victim;

/* ---- Its server ---- */

static void serve(void *unused)
{
    struct iris_message m;

    (void)unused;
    if (iris_port_bind(victim.rig.port) < 0)
        return;
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        message_answer(&m, MASK);
        error = iris_ipc_reply_and_wait(&m);
    }
}

/* ---- Its work ---- */

static uint32_t step(uint32_t sum, uint32_t round)
{
    return (sum ^ round) * 1664525u + 1013904223u;
}

static void look_at_registers(void)
{
    uint32_t ds, es, fs, gs, ss, flags;

    __asm__ volatile("movl %%ds, %0\n\tmovl %%es, %1\n\tmovl %%ss, %2\n\t"
                     "pushfl\n\tpopl %3"
                     : "=r"(ds), "=r"(es), "=r"(ss), "=r"(flags));
    __asm__ volatile("movl %%fs, %0\n\tmovl %%gs, %1" : "=r"(fs), "=r"(gs));
    if ((ds & 0xffff) != IRIS_USER_DS || (es & 0xffff) != IRIS_USER_DS ||
        (ss & 0xffff) != IRIS_USER_DS || (gs & 0xffff) != IRIS_USER_GS)
        victim.wrong_selectors++;
    (void)fs; /* no program uses it; another's odd one may stay until it faults */
    if (flags & FLAGS_BAD)
        victim.wrong_flags++;
}

static void work(void *unused)
{
    struct iris_message m;

    (void)unused;
    while (!victim.stop) {
        unsigned words = victim.rounds % (WORDS + 1);
        message_fill(&m, 1, words, victim.rounds);
        if (iris_ipc_call(victim.rig.client, &m) < 0)
            victim.errors++;
        else
            victim.wrong_words += message_wrong(&m, words, victim.rounds, MASK);
        victim.checksum = step(victim.checksum, victim.rounds++);
        look_at_registers();
        iris_thread_switch(0);
    }
    victim.stopped = 1;
}

bool victim_begin(void)
{
    memset(&victim, 0, sizeof victim);
    return rig_make(&victim.rig, 1, 0) &&
           bare_run(&victim.server, 0, BARE_UTCB_FIRST + 60, serve, NULL) == 0 &&
           bare_run(&victim.worker, 0, BARE_UTCB_FIRST + 61, work, NULL) == 0;
}

void victim_end(void)
{
    uint32_t sum = 0;

    victim.stop = 1;
    bool stopped = kit_wait_word(&victim.stopped, 1);
    for (uint32_t round = 0; round < victim.rounds; round++)
        sum = step(sum, round);
    TEST_CHECK(stopped && victim.rounds > 0, "the victim worked all the time");
    TEST_EQUAL(victim.checksum, sum, "and its checksum is right");
    TEST_EQUAL(victim.wrong_words + victim.errors, 0, "its calls were answered rightly");
    TEST_EQUAL(victim.wrong_selectors, 0, "its segment registers were always its own");
    TEST_EQUAL(victim.wrong_flags, 0, "its flags too");
    bare_end(&victim.worker);
    bare_end(&victim.server);
    rig_free(&victim.rig);
}
