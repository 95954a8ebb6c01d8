/* SPDX-License-Identifier: MIT */
/*
 * A timer is a wait with a deadline: a server's one loop waits for callers, for events and for the
 * time at once. Here ticks come until another thread says that it is enough.
 */
#include <stdio.h>
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/summary.h>
#include <iris/vdso.h>

#include "slots.h"
#include "thread.h"

IRIS_SUMMARY("tick every 10 ms until told to stop: [TICKS]");

#define PERIOD 10000000ull /* ns */
#define BIT_STOP 1u

struct ticker {
    int port, portal;
    uint32_t enough;
    uint32_t ticks, early, stops;
};

/* The other thread: it sleeps on a port that nobody calls, for as long as the ticks should take. */
static int stop_later(void *argument)
{
    struct ticker *ticker = argument;
    struct iris_message m;
    int own = iris_slot_alloc();

    iris_port_create((uint32_t)own);
    iris_port_bind((uint32_t)own);
    iris_ipc_wait_until(&m, iris_clock_monotonic() + ticker->enough * PERIOD + PERIOD / 2);
    iris_handle_discard((uint32_t)own);
    return iris_notify((uint32_t)ticker->portal, BIT_STOP);
}

/* Deadlines are points in time, not lengths: a late tick does not make the next one later. */
static void tick_until_stopped(struct ticker *ticker)
{
    uint64_t next = iris_clock_monotonic() + PERIOD;
    struct iris_message m;

    while (ticker->stops == 0) {
        int error = iris_ipc_wait_until(&m, next);
        if (error == -ETIMEDOUT) {
            ticker->ticks++;
            ticker->early += iris_clock_monotonic() < next;
            next += PERIOD;
        } else if (error == 0 && iris_tag_label(m.tag) == IRIS_EVENT_NOTIFY) {
            ticker->stops += (m.word[0] & BIT_STOP) != 0;
        }
    }
}

static int run(struct ticker *ticker)
{
    struct iris_thread stopper;
    int error = iris_port_create((uint32_t)ticker->port);
    if (error == 0)
        error = iris_port_bind((uint32_t)ticker->port);
    if (error == 0)
        error = iris_portal_create((uint32_t)ticker->port, (uint32_t)ticker->portal, 0,
                                   IRIS_RIGHT_NOTIFY, BIT_STOP);
    if (error == 0)
        error = iris_thread_launch(&stopper, stop_later, ticker, NULL);
    if (error != 0)
        return error;
    tick_until_stopped(ticker);
    return iris_thread_join(&stopper, NULL);
}

int main(int argc, char *argv[])
{
    struct ticker ticker = {.port = iris_slot_alloc(), .portal = iris_slot_alloc()};
    ticker.enough = argc > 1 ? (uint32_t)atoi(argv[1]) : 20;

    uint64_t start = iris_clock_monotonic();
    int error = run(&ticker);
    uint64_t ms = (iris_clock_monotonic() - start) / 1000000;
    if (error != 0) {
        printf("timer: error %d\n", -error);
        return 1;
    }
    printf("%u ticks in %u ms, %u of them early; stopped by a notification\n",
           (unsigned)ticker.ticks, (unsigned)ms, (unsigned)ticker.early);
    return ticker.ticks >= ticker.enough && ticker.early == 0 ? 0 : 1;
}
