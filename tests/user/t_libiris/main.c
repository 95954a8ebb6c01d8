/* SPDX-License-Identifier: MIT */
/*
 * libiris: slots beyond the first page of the handle table, threads with their own storage, and a
 * server that tells its clients apart by badge and learns of their end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "server.h"
#include "slots.h"
#include "test.h"
#include "thread.h"
#include "types.h"

/* ---- Threads ---- */

static _Thread_local int tls_number = 5;
static _Thread_local char tls_zero[40];

static int use_storage(void *argument)
{
    bool fresh = tls_number == 5;

    for (unsigned i = 0; i < sizeof tls_zero; i++)
        fresh &= tls_zero[i] == 0;
    tls_number = *(int *)argument;
    memset(tls_zero, 1, sizeof tls_zero);
    errno = 77;
    return fresh ? tls_number : -1;
}

static void check_storage(void)
{
    struct iris_thread thread;
    int number = 1234, result = 0;

    tls_number = 6;
    errno = 0;
    TEST_EQUAL(iris_thread_launch(&thread, use_storage, &number, NULL), 0, "a thread");
    TEST_EQUAL(iris_thread_join(&thread, &result), 0, "is joined");
    TEST_EQUAL(result, 1234, "it found its storage fresh, and its result is known");
    TEST_CHECK(tls_number == 6 && tls_zero[0] == 0 && errno == 0, "ours is as it was");
}

static int use_stack(void *argument)
{
    volatile char room[150000];
    uint32_t sum = 0;

    for (uint32_t i = 0; i < sizeof room; i += 1000)
        room[i] = (char)i;
    for (uint32_t i = 0; i < sizeof room; i += 1000)
        sum += (uint8_t)room[i];
    *(uint32_t *)argument = sum;
    return 0;
}

static int tell_priority(void *argument)
{
    struct iris_thread_info info;

    (void)argument;
    if (iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, iris_utcb()->slot, &info, 1) != 1)
        return -1;
    return (int)info.priority;
}

static void check_options(void)
{
    struct iris_thread thread;
    struct iris_thread_options options = {.stack = 200000, .priority = IRIS_THREAD_PRIORITY_SAME};
    uint32_t sum = 0;
    int own = tell_priority(NULL), priority = -1;

    TEST_CHECK(iris_thread_launch(&thread, use_stack, &sum, &options) == 0 &&
                   iris_thread_join(&thread, NULL) == 0 && sum != 0,
               "a large stack");
    options = (struct iris_thread_options){.priority = own - 1};
    TEST_CHECK(iris_thread_launch(&thread, tell_priority, NULL, &options) == 0 &&
                   iris_thread_join(&thread, &priority) == 0 && priority == own - 1,
               "a priority");
    options.priority = IRIS_PRIORITIES;
    TEST_CHECK(iris_thread_launch(&thread, tell_priority, NULL, &options) < 0,
               "one that does not exist is refused");
    options = (struct iris_thread_options){.stack = 1, .priority = own};
    TEST_CHECK(iris_thread_launch(&thread, tell_priority, NULL, &options) < 0,
               "and so is no stack at all");
}

/* Threads come and go without anything being left over. */
static void check_many_threads(void)
{
    enum { ROUNDS = 20, THREADS = 8 };
    struct iris_thread threads[THREADS];
    struct iris_space_info before, after;
    int numbers[THREADS], sum = 0;

    iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &before, 1);
    unsigned slots = iris_slots_used();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < THREADS; i++) {
            numbers[i] = i;
            if (iris_thread_launch(&threads[i], use_storage, &numbers[i], NULL) < 0)
                sum = -100000;
        }
        for (int i = 0, result = 0; i < THREADS; i++, sum += result)
            iris_thread_join(&threads[i], &result);
    }
    iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &after, 1);
    TEST_EQUAL(sum, ROUNDS * (THREADS * (THREADS - 1) / 2), "%d threads have run",
               ROUNDS * THREADS);
    TEST_EQUAL(iris_slots_used(), slots, "no slot is left over");
    TEST_EQUAL(after.handles, before.handles, "no handle");
    TEST_EQUAL(after.threads, before.threads, "no thread");
}

/* ---- A server that knows its clients by badge ---- */

#define BADGE_FIRST 100
#define CLIENTS 300 /* more handles than a page of a handle table holds */

static struct {
    uint32_t port;
    uint32_t portal; /* badge 1: opens; anybody else's badge is an object */
    uint32_t values[CLIENTS];
    uint32_t portals[CLIENTS]; /* our own, 0: closed */
    uint32_t open, notified;
} objects;

/* types.pair opens an object: `first` leads to it, `second` to the opener, `number` is its badge.
 */
static int open_object(void *context, struct iris_request *rq, const char *name,
                       struct iris_handle_out *first, uint32_t *number,
                       struct iris_handle_out *second)
{
    uint32_t i = 0;

    (void)context, (void)rq, (void)name;
    while (i < CLIENTS && objects.portals[i] != 0)
        i++;
    int slot = i < CLIENTS ? iris_slot_alloc() : -ENOMEM;
    if (slot < 0)
        return slot;
    int status = iris_portal_create(objects.port, (uint32_t)slot, BADGE_FIRST + i,
                                    IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (status == 0)
        status = iris_portal_give((uint32_t)slot, IRIS_RIGHT_CALL, first);
    if (status < 0) {
        iris_handle_discard((uint32_t)slot);
        return status;
    }
    *second = (struct iris_handle_out){objects.portal, IRIS_RIGHT_CALL};
    *number = BADGE_FIRST + i;
    objects.portals[i] = (uint32_t)slot;
    objects.values[i] = 0;
    objects.open++;
    return 0;
}

/* types_second.ping: answers the object's value and stores a new one. */
static int exchange(void *context, struct iris_request *rq, uint32_t value, uint32_t *back)
{
    uint32_t *object = context;

    (void)rq;
    *back = *object;
    *object = value;
    return 0;
}

static int count_open(void *context, struct iris_request *rq, uint32_t value, uint32_t *back)
{
    (void)context, (void)rq;
    *back = value == 0 ? objects.open : objects.notified;
    return 0;
}

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    static const struct types_second_server operations = {.ping = exchange};
    static const struct iris_service services[] = {TYPES_SECOND_SERVICE(&operations)};

    (void)context;
    if (badge == 1)
        return 0;
    if (badge < BADGE_FIRST || badge >= BADGE_FIRST + CLIENTS)
        return -EPERM;
    *target = (struct iris_target){services, 1, &objects.values[badge - BADGE_FIRST]};
    return 0;
}

static int event(void *context, struct iris_request *rq)
{
    uint32_t badge = iris_request_badge(rq);

    (void)context;
    switch (iris_tag_label(rq->message.tag)) {
    case IRIS_EVENT_NOTIFY:
        objects.notified |= rq->message.word[0];
        break;
    case IRIS_EVENT_DISCONNECT:
        if (badge >= BADGE_FIRST) {
            iris_handle_discard(objects.portals[badge - BADGE_FIRST]);
            objects.portals[badge - BADGE_FIRST] = 0;
            objects.open--;
        }
        break;
    }
    return 0;
}

static int serve(void *argument)
{
    static const struct types_server operations = {.pair = open_object, .echo_u32 = count_open};
    static const struct iris_service services[] = {TYPES_SERVICE(&operations)};
    const struct iris_server server = {
        .port = objects.port, .services = services, .count = 1, .locate = locate, .event = event};
    (void)argument;
    return iris_server_run(&server);
}

static uint32_t make_portal(uint32_t badge)
{
    int slot = iris_slot_alloc();
    int status =
        slot < 0 ? slot
                 : iris_portal_create(objects.port, (uint32_t)slot, badge,
                                      IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY, 0xff);
    return status < 0 ? 0 : (uint32_t)slot;
}

/* Whether the server comes to know that no object is open. After each event it receives, a caller
   that waits goes first: so it may be asked more often than there are events. */
static bool all_closed(void)
{
    uint32_t back = 1;

    for (unsigned i = 0; i <= CLIENTS && back != 0; i++)
        if (types_echo_u32(objects.portal, 0, &back) < 0)
            return false;
    return back == 0;
}

static void check_badges(uint32_t stranger)
{
    uint32_t a = 0, b = 0, other = 0, badge = 0, back = 0;

    TEST_CHECK(types_pair(objects.portal, "a", &a, &badge, &other) == 0 && badge == BADGE_FIRST,
               "an object is opened");
    iris_handle_discard(other);
    TEST_CHECK(types_pair(objects.portal, "b", &b, &badge, &other) == 0 && badge == BADGE_FIRST + 1,
               "and another");
    iris_handle_discard(other);
    types_second_ping(a, 11, &back);
    types_second_ping(b, 22, &back);
    TEST_CHECK(types_second_ping(a, 0, &back) == 0 && back == 11, "the first keeps its value");
    TEST_CHECK(types_second_ping(b, 0, &back) == 0 && back == 22, "the second its own");
    TEST_EQUAL(types_narrow(a), -EINVAL, "an object is no opener");
    TEST_EQUAL(types_second_narrow(a), 0, "but an object");
    TEST_EQUAL(types_second_narrow(objects.portal), -EINVAL, "the opener is no object");
    TEST_EQUAL(types_narrow(stranger), -EPERM, "an unknown badge gets the error locate gave");
    iris_handle_discard(a);
    iris_handle_discard(b);
    TEST_CHECK(all_closed(), "when their last handles are closed the server knows");
}

static void check_many_handles(void)
{
    static uint32_t handles[CLIENTS];
    unsigned slots = iris_slots_used();
    uint32_t other = 0, badge = 0, back = 0, right = 0;

    for (uint32_t i = 0; i < CLIENTS; i++)
        if (types_pair(objects.portal, "x", &handles[i], &badge, &other) == 0) {
            iris_handle_discard(other);
            right += types_second_ping(handles[i], 1000 + i, &back) == 0;
        }
    TEST_EQUAL(right, CLIENTS, "objects opened, handles in slots up to %u",
               (unsigned)handles[CLIENTS - 1]);
    for (uint32_t i = 0; i < CLIENTS; i++)
        right -= types_second_ping(handles[i], 0, &back) == 0 && back == 1000 + i;
    TEST_EQUAL(right, 0, "each has kept its own value");
    for (uint32_t i = 0; i < CLIENTS; i++)
        iris_handle_discard(handles[i]);
    TEST_CHECK(all_closed(), "all are closed");
    TEST_EQUAL(iris_slots_used(), slots, "no slot is left over");
}

static void check_server(void)
{
    struct iris_thread thread;
    uint32_t back = 0;
    int port = iris_slot_alloc(), status = 0;

    if (!TEST_CHECK(port > 0 && iris_port_create((uint32_t)port) == 0, "a port"))
        return;
    objects.port = (uint32_t)port;
    objects.portal = make_portal(1);
    uint32_t stranger = make_portal(7);
    if (!TEST_EQUAL(iris_thread_launch(&thread, serve, NULL, NULL), 0, "a server"))
        return;
    check_badges(stranger);
    check_many_handles();
    TEST_EQUAL(iris_notify(objects.portal, 0x1f05), 0, "a notification");
    TEST_CHECK(types_echo_u32(objects.portal, 1, &back) == 0 && back == 0x05,
               "reaches the server's event function, within the portal's mask");
    iris_object_destroy(objects.port);
    TEST_CHECK(iris_thread_join(&thread, &status) == 0, "the server ends");
    TEST_EQUAL(status, -EDEAD, "and says why");
    iris_handle_discard(stranger);
    iris_handle_discard(objects.portal);
    iris_handle_discard(objects.port);
}

int main(void)
{
    test_begin("t_libiris");
    check_storage();
    check_options();
    check_many_threads();
    check_server();
    return test_end();
}
