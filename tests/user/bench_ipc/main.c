/* SPDX-License-Identifier: MIT */
/*
 * What a call and its answer cost: a client's iris_ipc_call to a server that loops in
 * iris_ipc_reply_and_wait and answers with as many words. Both use the C functions of <iris/ipc.h>.
 * Setting the tag and looking for an error count, filling and reading the words does not. The TSC
 * is read before and after; under QEMU's -icount it counts instructions, so the smallest of many
 * rounds is exact.
 *
 * The rounds of the second pass lie between marks that tests/bench/plugin knows (bench_mark.h).
 */
#include <string.h>

#include <iris/summary.h>

#include "bench_clock.h"
#include "bench_mark.h"
#include "kit.h"
#include "twin.h"

IRIS_SUMMARY("benchmark: IPC round trips in TSC ticks: [ROUNDS]");

#define MARKED_ROUNDS 16
#define SERVER_SLOT 20 /* and on: the ports, in the twin's handle table */

static unsigned wrong; /* answers that are not what was sent */
static uint32_t server_port;

/* So that how many lines of code are touched does not depend on what else is in this program. */
#define LINE_BEGIN __attribute__((aligned(64)))

/*
 * Programs know how long their messages are, so there is a server and a client for each length.
 * The server runs in either space; a wait that fails (its port has died) ends it.
 */
#define SERVER(words)                                                                              \
    static LINE_BEGIN void serve_##words(void *port)                                               \
    {                                                                                              \
        struct iris_message m;                                                                     \
        int error = iris_port_bind(*(const uint32_t *)port);                                       \
                                                                                                   \
        if (error == 0)                                                                            \
            error = iris_ipc_wait(&m);                                                             \
        while (error == 0) {                                                                       \
            m.tag = IRIS_TAG(0, words);                                                            \
            error = iris_ipc_reply_and_wait(&m);                                                   \
        }                                                                                          \
    }

/* Ticks from before the call to after it. The message is a local variable, as in most programs. */
#define CLIENT(words)                                                                              \
    static uint32_t call_##words(uint32_t portal, struct iris_message *message)                    \
    {                                                                                              \
        struct iris_message m = *message;                                                          \
        uint32_t before = bench_ticks();                                                           \
                                                                                                   \
        m.tag = IRIS_TAG(1, words);                                                                \
        if (iris_ipc_call(portal, &m) < 0)                                                         \
            wrong++;                                                                               \
        uint32_t spent = bench_ticks() - before;                                                   \
        *message = m;                                                                              \
        return spent;                                                                              \
    }                                                                                              \
                                                                                                   \
    static LINE_BEGIN void call_marked_##words(uint32_t portal, struct iris_message *message)      \
    {                                                                                              \
        struct iris_message m = *message;                                                          \
                                                                                                   \
        BENCH_BEGIN(1);                                                                            \
        m.tag = IRIS_TAG(1, words);                                                                \
        if (iris_ipc_call(portal, &m) < 0)                                                         \
            wrong++;                                                                               \
        BENCH_END(1);                                                                              \
        *message = m;                                                                              \
    }

static void check(const struct iris_message *m, unsigned words, uint32_t seed)
{
    if (iris_tag_error(m->tag) || iris_tag_label(m->tag) || message_wrong(m, words, seed, 0) != 0)
        wrong++;
}

#define LENGTHS(X) X(0) X(1) X(2) X(3) X(4) X(8) X(16) X(32) X(63) X(64)
LENGTHS(SERVER)
LENGTHS(CLIENT)

static const struct length {
    unsigned words;
    void (*serve)(void *port);
    uint32_t (*call)(uint32_t portal, struct iris_message *m);
    void (*call_marked)(uint32_t portal, struct iris_message *m);
} lengths[] = {
#define LENGTH(words) {words, serve_##words, call_##words, call_marked_##words},
    LENGTHS(LENGTH)};

static void measure(const struct length *length, uint32_t portal, unsigned spaces, unsigned rounds,
                    uint32_t cost)
{
    struct iris_message m;
    uint32_t least = ~0u;

    for (unsigned round = 0; round < rounds; round++) {
        message_fill(&m, 1, length->words, round);
        uint32_t spent = length->call(portal, &m) - cost;
        check(&m, length->words, round);
        least = bench_least(spent, least);
    }
    test_metric("ipc_roundtrip", least, "instructions", "spaces=%u words=%u", spaces,
                length->words);
    for (unsigned round = 0; round < MARKED_ROUNDS; round++) {
        message_fill(&m, 1, length->words, round);
        length->call_marked(portal, &m);
        check(&m, length->words, round);
    }
}

/*
 * With a server of that length in the twin or, if that is NULL, in this space. Each server has
 * slots of its own: a dead port keeps its handle, a dead thread its UTCB until its exit was told.
 */
static void run(const struct length *length, struct twin *twin, unsigned rounds, uint32_t cost)
{
    static struct bare here;
    struct bare *server = twin ? &twin->threads[0] : &here;
    uint32_t space = twin ? twin->space : 0, number = (uint32_t)(length - lengths);
    uint32_t utcb_slot = BARE_UTCB_FIRST + number, port_slot = SERVER_SLOT + number;
    struct rig rig;

    if (!TEST_CHECK(rig_make(&rig, 1, 0), "a port"))
        return;
    server_port = twin ? port_slot : rig.port;
    bool started = (!twin || twin_give(twin, rig.port, port_slot, IRIS_RIGHT_RECEIVE) == 0) &&
                   bare_run(server, space, utcb_slot, length->serve, &server_port) == 0 &&
                   kit_wait_state(space, utcb_slot, IRIS_THREAD_WAITING);
    if (TEST_CHECK(started, "a server for %u words", length->words))
        measure(length, rig.client, twin ? 2 : 1, rounds, cost);
    bare_end(server);
    iris_object_destroy(rig.port); /* with the twin's handle to it */
    rig_free(&rig);
}

int main(int argc, char *argv[])
{
    static struct twin twin;
    unsigned rounds = kit_rounds(argc, argv, 400);
    uint32_t cost = bench_ticks_cost();

    test_begin("bench_ipc");
    if (TEST_CHECK(twin_make(&twin, true), "another space"))
        for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
            run(&lengths[i], &twin, rounds, cost);
    twin_free(&twin);
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        run(&lengths[i], NULL, rounds, cost);
    TEST_EQUAL(wrong, 0, "every answer is what was sent");
    return test_end();
}
