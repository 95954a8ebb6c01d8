/* SPDX-License-Identifier: MIT */
/* Row 49 in the running system: a server thread answers what a client thread of the same program
   sends, every type there is; a third thread waits for an answer given later. */
#include <string.h>

#include <iris/calls.h>

#include "checks.h"
#include "echo.h"
#include "slots.h"
#include "stub.h"
#include "test.h"
#include "thread.h"

static struct echo echo;
static uint32_t portal;

static int serve(void *argument) { return iris_server_run(argument); }

/* ---- An answer given later ---- */

struct late {
    int status;
    uint32_t back;
    char text[TYPES_TEXT + 1];
};

static int call_later(void *argument)
{
    struct late *late = argument;
    late->status = types_later(portal, 41, &late->back, late->text);
    return 0;
}

/* Answers the kept caller with `error`. The caller has its own thread and may not be there yet. */
static int answer(uint32_t error)
{
    int status;
    while ((status = types_answer_later(portal, error)) == -ENOENT)
        iris_thread_switch(0);
    return status;
}

static void check_later(void)
{
    struct iris_thread thread;
    struct late late = {.status = 1};

    TEST_EQUAL(iris_thread_launch(&thread, call_later, &late, NULL), 0, "a thread that calls");
    TEST_EQUAL(answer(0), 0, "its caller was kept and is answered");
    TEST_EQUAL(iris_thread_join(&thread, NULL), 0, "it has got its answer");
    TEST_CHECK(late.status == 0 && late.back == 42 && strcmp(late.text, "later") == 0,
               "which is the right one");

    TEST_EQUAL(iris_thread_launch(&thread, call_later, &late, NULL), 0, "another one");
    TEST_EQUAL(answer(EBUSY), 0, "is answered by an error");
    iris_thread_join(&thread, NULL);
    TEST_EQUAL(late.status, -EBUSY, "and gets it");
}

/* ---- Set-up ---- */

static int make_portal(uint32_t port)
{
    int slot = iris_slot_alloc();
    if (slot < 0)
        return slot;
    int status = iris_portal_create(port, (uint32_t)slot, 7,
                                    IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY, 0);
    return status < 0 ? status : slot;
}

int main(void)
{
    test_begin("idl_types");
    struct iris_thread thread;
    int port = iris_slot_alloc();
    int own = TEST_CHECK(port > 0 && iris_port_create((uint32_t)port) == 0, "a port")
                  ? make_portal((uint32_t)port)
                  : -1;
    if (!TEST_CHECK(own > 0, "and a portal to it"))
        return test_end();
    portal = echo.port = (uint32_t)own;
    const struct iris_server server = {
        .port = (uint32_t)port, .services = echo_services, .count = 2, .context = &echo};
    if (!TEST_EQUAL(iris_thread_launch(&thread, serve, (void *)&server, NULL), 0,
                    "a thread that serves"))
        return test_end();

    check_types(portal);
    check_buffers(portal);
    check_handles(portal, portal);
    check_later();

    int status = 0;
    TEST_EQUAL(iris_object_destroy((uint32_t)port), 0, "the port is destroyed");
    TEST_EQUAL(iris_thread_join(&thread, &status), 0, "the server's thread ends");
    TEST_CHECK(status < 0, "with an error: %d", status);
    TEST_EQUAL(types_narrow(portal), -EDEAD, "and its portal is dead");
    return test_end();
}
