/* SPDX-License-Identifier: MIT */
/* The work whose cost must not depend on how much there is of anything. */
#include "scale.h"

#define ROUNDS 64
#define QUEUE_ROUNDS 4 /* two callers each: ten are enough */
#define SWITCHES 8     /* so that everybody who can run has done so */
#define SPACE_PAGES 64u

enum { SERVER, YIELDER, BORN }; /* UTCB slots in the other space */
enum { OTHER_PORT = 20 };       /* slot there */

static struct rig rig;
static struct bare server, yielder;
static uint32_t other;
static unsigned wrong;

static void note(bool right) { wrong += !right; }

/* Least of several rounds of `what`; `after` is not counted. */
#define LEAST(what, after)                                                                         \
    ({                                                                                             \
        uint32_t least_ = ~0u;                                                                     \
        for (unsigned round = 0; round < ROUNDS; round++) {                                        \
            uint32_t begin_ = bench_ticks();                                                       \
            what;                                                                                  \
            uint32_t spent_ = bench_ticks() - begin_;                                              \
            after;                                                                                 \
            least_ = bench_least(spent_, least_);                                                  \
        }                                                                                          \
        least_ - bench_ticks_cost();                                                               \
    })

/* ---- The partners, in another space ---- */

static void serve(void *port)
{
    struct iris_message m;
    int error = iris_port_bind((uint32_t)port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static volatile uint32_t switched_at;

static void yield(void *unused)
{
    (void)unused;
    for (;;) {
        switched_at = bench_ticks();
        iris_thread_switch(0);
    }
}

bool work_begin(void)
{
    other = kit_slot();
    return rig_make(&rig, 1, 1) && space_make(other, SPACE_PAGES) &&
           iris_handle_copy(rig.port, other, OTHER_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
           bare_run(&server, other, SERVER, serve, (void *)OTHER_PORT) == 0 &&
           kit_wait_state(other, SERVER, IRIS_THREAD_WAITING);
}

void work_end(void)
{
    TEST_EQUAL(wrong, 0, "every call did what it should");
    bare_end(&server);
    iris_object_destroy(other);
    iris_handle_discard(other);
    rig_free(&rig);
}

/* ---- The work ---- */

static void round_trip(const char *kind, unsigned count)
{
    struct iris_message m;

    REPORT(kind, count, "round_trip",
           LEAST((m = (struct iris_message){.tag = IRIS_TAG(1, 0)},
                  note(iris_ipc_call(rig.client, &m) == 0)), ));
}

/* By way of the dispatcher: two threads give up the processor to each other. */
static void dispatch(const char *kind, unsigned count)
{
    uint32_t least = ~0u;

    note(bare_run(&yielder, other, YIELDER, yield, NULL) == 0);
    iris_thread_switch(0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t begin = bench_ticks();
        iris_thread_switch(0);
        least = bench_least(switched_at - begin, least);
    }
    bare_end(&yielder);
    REPORT(kind, count, "dispatch", least - bench_ticks_cost());
}

static void creation(const char *kind, unsigned count)
{
    uint32_t slot = kit_slot(), priority = kit_priority();

    REPORT(kind, count, "handle_copy",
           LEAST(note(iris_handle_copy(rig.client, 0, slot, IRIS_RIGHT_CALL) == 0),
                 note(iris_handle_close(slot) == 0)));
    REPORT(kind, count, "port_create",
           LEAST(note(iris_port_create(slot) == 0), note(iris_handle_close(slot) == 0)));
    note(iris_port_create(slot) == 0);
    REPORT(kind, count, "port_close",
           LEAST(note(iris_handle_close(slot) == 0), note(iris_port_create(slot) == 0)));
    note(iris_handle_close(slot) == 0);
    REPORT(kind, count, "thread_create",
           LEAST(note(iris_thread_create(other, slot, BORN, priority) == 0),
                 note(iris_object_destroy(slot) == 0 && iris_handle_close(slot) == 0)));
    iris_slot_free(slot);
}

void work_measure(const char *kind, unsigned count)
{
    round_trip(kind, count);
    dispatch(kind, count);
    creation(kind, count);
}

/* The first caller is received, then answered, and the next one received: that is measured. */
static uint32_t serve_queued(uint32_t kept)
{
    struct iris_message m;

    note(iris_ipc_wait(&m) == 0);
    uint32_t begin = bench_ticks();
    m.tag = IRIS_TAG(0, 0);
    note(iris_ipc_reply_and_wait(&m) == 0);
    uint32_t spent = bench_ticks() - begin;
    m = (struct iris_message){.tag = IRIS_TAG(0, 0)};
    note(iris_ipc_keep(kept) == 0 && iris_ipc_reply(kept, &m) == 0);
    return spent;
}

void work_queue(uint32_t port, unsigned count)
{
    uint32_t least = ~0u, kept = kit_slot();

    iris_port_bind(port);
    for (unsigned round = 0; round < QUEUE_ROUNDS; round++) {
        least = bench_least(serve_queued(kept), least);
        for (unsigned i = 0; i < SWITCHES; i++)
            iris_thread_switch(0); /* those that were answered call again */
    }
    iris_port_bind(0);
    iris_slot_free(kept);
    REPORT("callers", count, "serve_queued", least - bench_ticks_cost());
}
