/* SPDX-License-Identifier: MIT */
/*
 * What a call and its answer cost: a client's iris_ipc_call to a server that loops in
 * iris_ipc_reply_and_wait and answers with as many words. Both use the C functions of <iris/ipc.h>.
 * Setting the tag counts, filling and reading the words does not. The TSC is read before and after;
 * under QEMU's -icount it counts instructions, so the smallest of many rounds is exact.
 *
 * The rounds of the second pass lie between marks that tests/bench/plugin knows.
 */
#include <string.h>

#include <iris/summary.h>

#include "../../bench/plugin/mark.h"
#include "kit.h"
#include "twin.h"

IRIS_SUMMARY("benchmark: IPC round trips in TSC ticks: [ROUNDS]");

#define MARKED_ROUNDS 16
#define SERVER_SLOT 20 /* the port, in the twin's handle table */

static const unsigned lengths[] = {0, 1, 2, 3, 4, 8, 16, 32, 63, 64};
#define LENGTHS (sizeof lengths / sizeof lengths[0])

static unsigned wrong; /* answers that are not what was sent */
static struct twin twin;
static struct bare server;
static uint32_t server_port;

/* Runs in either space; a wait that fails (the port has died) ends it. */
static void serve(void *port)
{
    struct iris_message m;
    int error = iris_port_bind(*(const uint32_t *)port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, m.tag & IRIS_TAG_WORDS);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static inline uint32_t ticks(void)
{
    uint32_t low;

    __asm__ volatile("rdtsc" : "=a"(low) : : "edx", "memory");
    return low;
}

/* What reading the TSC twice costs. */
static uint32_t ticks_cost(void)
{
    uint32_t least = ~0u;

    for (int i = 0; i < 100; i++) {
        uint32_t before = ticks(), after = ticks();
        least = after - before < least ? after - before : least;
    }
    return least;
}

static void check(const struct iris_message *m, unsigned words, uint32_t seed)
{
    if (iris_tag_error(m->tag) || iris_tag_label(m->tag) ||
        message_wrong(m, words, seed, 0) != 0)
        wrong++;
}

static __attribute__((noinline)) uint32_t round_trip(uint32_t portal, struct iris_message *m,
                                                     unsigned words)
{
    uint32_t before = ticks();

    m->tag = IRIS_TAG(1, words);
    iris_ipc_call(portal, m);
    return ticks() - before;
}

static __attribute__((noinline)) void round_trip_marked(uint32_t portal, struct iris_message *m,
                                                        unsigned words)
{
    BENCH_BEGIN(1);
    m->tag = IRIS_TAG(1, words);
    iris_ipc_call(portal, m);
    BENCH_END(1);
}

static void measure(uint32_t portal, const char *spaces, unsigned rounds, uint32_t cost)
{
    struct iris_message m;

    for (unsigned i = 0; i < LENGTHS; i++) {
        uint32_t least = ~0u, total = 0;
        for (unsigned round = 0; round < rounds; round++) {
            message_fill(&m, 1, lengths[i], round);
            uint32_t spent = round_trip(portal, &m, lengths[i]) - cost;
            check(&m, lengths[i], round);
            least = spent < least ? spent : least;
            total += spent;
        }
        test_metric("ipc_roundtrip", least, "instructions", "spaces=%s words=%u rounds=%u mean=%u",
                    spaces, lengths[i], rounds, (unsigned)(total / rounds));
        for (unsigned round = 0; round < MARKED_ROUNDS; round++) {
            message_fill(&m, 1, lengths[i], round);
            round_trip_marked(portal, &m, lengths[i]);
            check(&m, lengths[i], round);
        }
    }
}

static bool begin_in_twin(const struct rig *rig)
{
    server_port = SERVER_SLOT;
    return twin_make(&twin, true) &&
           twin_give(&twin, rig->port, SERVER_SLOT, IRIS_RIGHT_RECEIVE) == 0 &&
           twin_start(&twin, 0, serve, &server_port) == 0 &&
           kit_wait_state(twin.space, twin.threads[0].utcb_slot, IRIS_THREAD_WAITING);
}

static bool begin_here(const struct rig *rig)
{
    server_port = rig->port;
    return bare_run(&server, 0, BARE_UTCB_FIRST, serve, &server_port) == 0 &&
           kit_wait_state(0, BARE_UTCB_FIRST, IRIS_THREAD_WAITING);
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 400);
    uint32_t cost = ticks_cost();
    struct rig rig;

    test_begin("bench_ipc");
    if (TEST_CHECK(rig_make(&rig, 1, 0) && begin_in_twin(&rig), "a server in another space"))
        measure(rig.client, "two", rounds, cost);
    twin_free(&twin);
    rig_free(&rig);
    if (TEST_CHECK(rig_make(&rig, 1, 0) && begin_here(&rig), "a server in the client's space"))
        measure(rig.client, "one", rounds, cost);
    bare_end(&server);
    rig_free(&rig);
    TEST_EQUAL(wrong, 0, "every answer is what was sent");
    return test_end();
}
