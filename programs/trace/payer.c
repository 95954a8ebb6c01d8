/* SPDX-License-Identifier: MIT */
#include "payer.h"

#include <iris/events.h>
#include <iris/ipc.h>

#define THREADS 256
#define QUEUED 64

static struct {
    uint32_t thread, budget;
    uint32_t caller; /* whom it serves, 0: nobody */
} payers[THREADS];

static struct {
    uint32_t thread; /* 0: free */
    uint32_t port, badge;
} queued[QUEUED];

uint32_t payer_of(uint32_t thread)
{
    for (unsigned i = 0; i < THREADS && payers[i].thread != 0; i++)
        if (payers[i].thread == thread)
            return payers[i].budget;
    return thread;
}

/* Beyond so many threads the last ones are forgotten: then they seem to pay themselves. */
static void set(uint32_t thread, uint32_t budget, uint32_t caller)
{
    unsigned i = 0;
    while (i < THREADS - 1 && payers[i].thread != 0 && payers[i].thread != thread)
        i++;
    payers[i].thread = thread;
    payers[i].budget = budget;
    payers[i].caller = caller;
}

void payer_begin(uint32_t thread, uint32_t budget) { set(thread, budget, 0); }

static uint32_t caller_of(uint32_t thread)
{
    for (unsigned i = 0; i < THREADS && payers[i].thread != 0; i++)
        if (payers[i].thread == thread)
            return payers[i].caller;
    return 0;
}

/* A thread has ended: who served it, and whom that one called, go on without its budget. */
static void end(uint32_t thread)
{
    uint32_t server = 0;
    for (unsigned i = 0; i < THREADS && payers[i].thread != 0; i++)
        if (payers[i].caller == thread) {
            server = payers[i].thread;
            payers[i].caller = 0;
        }
    for (unsigned i = 0; server != 0 && i < THREADS && payers[i].thread != 0; i++)
        if (payers[i].budget == thread)
            payers[i].budget = server;
}

/* Where the message of a record was queued: the oldest at that port through a portal with that
   badge. -1: it was not, its receiver waited. */
static int find_queued(const struct iris_trace_record *record)
{
    if (record->arg[1] != record->thread ||
        (record->event != IRIS_TRACE_EVENT_CALL && record->event != IRIS_TRACE_EVENT_SEND))
        return -1;
    for (int i = 0; i < QUEUED; i++)
        if (queued[i].thread != 0 && queued[i].port == record->arg[0] &&
            queued[i].badge == record->arg[2])
            return i;
    return -1;
}

static void queue(const struct iris_trace_record *record)
{
    for (unsigned i = 0; i < QUEUED; i++)
        if (queued[i].thread == 0) {
            queued[i].thread = record->thread;
            queued[i].port = record->arg[0];
            queued[i].badge = record->arg[2];
            return;
        }
}

uint32_t payer_sender(const struct iris_trace_record *record)
{
    int place = find_queued(record);
    return place >= 0 ? queued[place].thread : record->thread;
}

static void received(const struct iris_trace_record *record)
{
    uint32_t sender = payer_sender(record), receiver = record->arg[1];
    int place = find_queued(record);

    if (record->event == IRIS_TRACE_EVENT_CALL)
        set(receiver, payer_of(sender), sender);
    else
        set(receiver, receiver, 0);
    if (place < 0)
        return;
    for (; place < QUEUED - 1; place++) /* the order stays */
        queued[place] = queued[place + 1];
    queued[QUEUED - 1].thread = 0;
}

void payer_follow(const struct iris_trace_record *record)
{
    switch (record->event) {
    case IRIS_TRACE_EVENT_QUEUE:
        queue(record);
        break;
    case IRIS_TRACE_EVENT_CALL:
    case IRIS_TRACE_EVENT_SEND:
        received(record);
        break;
    case IRIS_TRACE_EVENT_EVENT:
        set(record->arg[1], record->arg[1], 0);
        break;
    case IRIS_TRACE_EVENT_REPLY:
        set(record->thread, record->thread, 0);
        break;
    case IRIS_TRACE_EVENT_SWITCH:
        set(record->arg[0], record->arg[1], caller_of(record->arg[0]));
        break;
    case IRIS_TRACE_EVENT_THREAD_EXIT:
        end(record->arg[0]);
        break;
    case IRIS_TRACE_EVENT_SYSCALL:
        if (record->arg[0] == IRIS_CALL_IPC_KEEP && (int)record->arg[3] == 0)
            set(record->thread, record->thread, 0);
        break;
    default:
        break;
    }
}
