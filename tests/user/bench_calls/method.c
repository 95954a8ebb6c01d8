/* SPDX-License-Identifier: MIT */
/* A method of a generated interface, with the generated stub and the loop that every server has. */
#include "bench.h"

#include "adder.h"

enum { SERVER = BARE_UTCB_FIRST + 2 };

static struct iris_service service;
static struct iris_server server = {.services = &service, .count = 1};

static int add(void *context, struct iris_request *rq, uint32_t a, uint32_t b, uint32_t *sum)
{
    (void)context, (void)rq;
    *sum = a + b;
    return 0;
}

static const struct adder_server operations = {.add = add};

static void serve(void *unused)
{
    (void)unused;
    iris_server_run(&server);
}

static void method_add(unsigned spaces)
{
    static struct twin twin;
    static struct bare own;
    struct rig rig;
    unsigned wrong = 0;
    uint32_t sum = 0;

    service = (struct iris_service)ADDER_SERVICE(&operations);
    bool two = spaces == 2, runs = rig_make(&rig, 1, 0);
    server.port = two ? TWIN_PORT : rig.port;
    if (two)
        runs = runs && twin_make(&twin, true) &&
               twin_give(&twin, rig.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
               twin_start(&twin, 0, serve, NULL) == 0;
    else
        runs = runs && bare_run(&own, 0, SERVER, serve, NULL) == 0;
    if (!TEST_CHECK(runs &&
                        kit_wait_state(two ? twin.space : 0, two ? 0 : SERVER, IRIS_THREAD_WAITING),
                    "a server that adds"))
        return;
    uint32_t least = BENCH_LEAST(, wrong += adder_add(rig.client, round, 77, &sum) != 0,
                                 wrong += sum != round + 77);
    test_metric("method_add", least, "instructions", "spaces=%u", spaces);
    TEST_EQUAL(wrong, 0, "every sum is right");
    bare_end(&own);
    if (two)
        twin_free(&twin);
    rig_free(&rig);
}

void bench_method(void)
{
    method_add(2);
    method_add(1);
}
