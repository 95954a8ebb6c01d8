/* SPDX-License-Identifier: MIT */
/*
 * Does what is measured cost the same whatever is in existence: 1 to 10,000 threads that wait,
 * threads that are ready, ports, handles, queued callers? Runs as a server with many kernel pages
 * (tests/bench/test_scaling.py), before the shell; root's question is answered in the end, so
 * nothing else happens meanwhile.
 */
#include <iris/summary.h>

#include "as_server.h"
#include "scale.h"

IRIS_SUMMARY("benchmark: the same with 1 to 10,000 threads (runs as a server)");

static const unsigned counts[] = {1, 10, 100, 1000, 10000};
#define COUNTS (sizeof counts / sizeof *counts)
enum { FARM_PORT = 20 }; /* slot in the farm's spaces */

static void wait_at(void *port)
{
    struct iris_message m;

    iris_port_bind((uint32_t)port);
    iris_ipc_wait(&m);
}

static void call_again(void *portal)
{
    struct iris_message m;

    do
        m = (struct iris_message){.tag = IRIS_TAG(1, 0)};
    while (iris_ipc_call((uint32_t)portal, &m) == 0);
}

/* ---- Threads: at a port, all of them; or ready, but of lower priority ---- */

static void threads(const char *kind, bool below)
{
    struct rig rig;

    if (!TEST_CHECK(rig_make(&rig, 1, 1) && farm_make() &&
                        farm_give(rig.port, FARM_PORT, IRIS_RIGHT_RECEIVE),
                    "room for threads"))
        return;
    for (unsigned i = 0; i < COUNTS; i++)
        if (TEST_CHECK(farm_grow(counts[i], below, wait_at, (void *)FARM_PORT), "%u %s", counts[i],
                       kind))
            work_measure(kind, counts[i]);
    farm_free();
    rig_free(&rig);
}

/* ---- Ports with a portal each, and handles ---- */

static unsigned made;

static bool port_make(void)
{
    uint32_t port = kit_slot(), portal = kit_slot();
    made++;
    return iris_port_create(port) == 0 &&
           iris_portal_create(port, portal, made, IRIS_RIGHT_CALL, 0) == 0;
}

static uint32_t copied;

static bool handle_make(void)
{
    made++;
    return iris_handle_copy(copied, 0, kit_slot(), IRIS_RIGHT_CALL) == 0;
}

static void objects(const char *kind, bool (*make)(void))
{
    made = 0;
    for (unsigned i = 0; i < COUNTS; i++) {
        bool right = true;
        while (made < counts[i] && right)
            right = make();
        if (TEST_CHECK(right, "%u %s", counts[i], kind))
            work_measure(kind, counts[i]);
    }
}

/* ---- Callers that are queued at a port ---- */

static void queued_callers(void)
{
    struct rig rig;

    if (!TEST_CHECK(rig_make(&rig, 1, 1) && farm_make() &&
                        farm_give(rig.client, FARM_PORT, IRIS_RIGHT_CALL),
                    "room for callers"))
        return;
    for (unsigned i = 0; i < COUNTS; i++)
        if (TEST_CHECK(farm_grow(counts[i] + 1, false, call_again, (void *)FARM_PORT),
                       "%u callers wait", counts[i] + 1)) {
            work_measure("callers", counts[i]);
            if (counts[i] > 1) /* a queue that becomes empty is another, shorter way */
                work_queue(rig.port, counts[i]);
        }
    farm_free();
    rig_free(&rig);
}

int main(void)
{
    struct rig rig;

    test_begin("bench_scale");
    if (TEST_CHECK(work_begin() && rig_make(&rig, 1, 1), "what is measured")) {
        copied = rig.client;
        threads("waiting_threads", false);
        threads("ready_threads", true);
        queued_callers();
        objects("ports", port_make);
        objects("handles", handle_make);
        work_end();
    }
    test_end();
    return as_server_end();
}
