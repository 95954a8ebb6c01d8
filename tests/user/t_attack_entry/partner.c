/* SPDX-License-Identifier: MIT */
/* Whom the attackers call: nothing of theirs may be seen here but their words. */
#include "entry.h"

#include <string.h>

#define FLAGS_FORBIDDEN 0x00054500u /* TF, DF, NT, RF, AC */

static struct {
    struct rig rig;
    struct bare thread;
    volatile uint32_t calls, bad_flags, bad_copies, bad_pointers;
} partner;

struct twin arena;

/* Works with all segments: DS and ES in a string copy, GS for the thread pointer. */
static void look_around(void)
{
    static const char from[16] = "fifteen letters";
    static char to[16];
    uint32_t flags, pointer;
    const void *source = from;
    void *target = to;
    uint32_t count = sizeof to;

    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
    if (flags & FLAGS_FORBIDDEN)
        partner.bad_flags++;
    memset(to, 0, sizeof to);
    __asm__ volatile("rep movsb" : "+S"(source), "+D"(target), "+c"(count) : : "memory");
    if (memcmp(to, "fifteen letters", 16) != 0)
        partner.bad_copies++;
    __asm__ volatile("movl %%gs:0, %0" : "=r"(pointer));
    if (pointer != (uint32_t)&partner.thread.block)
        partner.bad_pointers++;
}

static void serve(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(partner.rig.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        partner.calls++;
        look_around();
        message_answer(&m, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

bool partner_begin(void)
{
    memset(&partner, 0, sizeof partner);
    return rig_make(&partner.rig, 1, 0) &&
           bare_run(&partner.thread, 0, BARE_UTCB_FIRST + 1, serve, NULL) == 0 &&
           twin_make(&arena, true) &&
           twin_give(&arena, partner.rig.client, TWIN_PARTNER, IRIS_RIGHT_CALL) == 0;
}

uint32_t partner_calls(void) { return partner.calls; }

void partner_end(void)
{
    struct iris_message m;

    message_fill(&m, 1, IRIS_WORDS_MAX, 5);
    TEST_EQUAL(iris_ipc_call(partner.rig.client, &m), 0, "the partner still answers");
    TEST_EQUAL(message_wrong(&m, IRIS_WORDS_MAX, 5, 0), 0, "and rightly");
    TEST_CHECK(partner.calls > 10, "it was called %u times", (unsigned)partner.calls);
    TEST_EQUAL(partner.bad_flags, 0, "and never saw a caller's flags");
    TEST_EQUAL(partner.bad_copies, 0, "its segments worked each time");
    TEST_EQUAL(partner.bad_pointers, 0, "its thread pointer was its own");
    twin_free(&arena);
    bare_end(&partner.thread);
    rig_free(&partner.rig);
}

bool judge_traps(struct twin *twin, const struct iris_exception *exception)
{
    (void)twin;
    return exception->vector == 1 || exception->vector == 3 || exception->vector == 4;
}
