/* SPDX-License-Identifier: MIT */
/*
 * A server and its client, by an interface file. `counter serve &` serves under a name; everybody
 * can then say `counter add 3`. The name goes when the server does.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/summary.h>

#include "counter.h" /* generated from counter.idl */
#include "names.h"
#include "server.h"
#include "slots.h"

IRIS_SUMMARY("count, in a server: serve | add N | value | finish");

#define NAME "local/counter"

/* ---- The server ---- */

static uint32_t number;
static bool finished;

static int add(void *context, struct iris_request *rq, uint32_t amount, uint32_t *value)
{
    (void)context, (void)rq;
    if (amount > COUNTER_LIMIT - number)
        return -EOVERFLOW;
    *value = number += amount;
    return 0;
}

static int value(void *context, struct iris_request *rq, uint32_t *result)
{
    (void)context, (void)rq;
    *result = number;
    return 0;
}

/* The loop ends with the port; who asked is answered first. */
static int finish(void *context, struct iris_request *rq)
{
    int caller = iris_request_keep(rq);

    if (caller < 0)
        return caller;
    counter_finish_reply((uint32_t)caller, 0);
    finished = true;
    iris_object_destroy(*(const uint32_t *)context);
    return IRIS_DEFER;
}

static int serve(void)
{
    static const struct counter_server operations = {.add = add, .value = value, .finish = finish};
    static const struct iris_service services[] = {COUNTER_SERVICE(&operations)};
    uint32_t port = (uint32_t)iris_slot_alloc(), portal = (uint32_t)iris_slot_alloc();
    struct iris_server server = {.port = port, .services = services, .count = 1, .context = &port};
    int error = iris_port_create(port);

    if (error == 0)
        error = iris_portal_create(port, portal, 0, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (error == 0)
        error = names_register(IRIS_SLOT_NAMES, NAME, portal);
    if (error != 0)
        return error;
    puts("counter: serving");
    error = iris_server_run(&server);
    return finished ? 0 : error;
}

/* ---- The client ---- */

static int ask(const char *verb, uint32_t amount)
{
    uint32_t counter, result = 0;
    int error = names_lookup(IRIS_SLOT_NAMES, NAME, &counter);

    if (error != 0)
        return error;
    if (strcmp(verb, "finish") == 0)
        error = counter_finish(counter);
    else if (strcmp(verb, "add") == 0)
        error = counter_add(counter, amount, &result);
    else
        error = counter_value(counter, &result);
    if (error == 0 && strcmp(verb, "finish") != 0)
        printf("%u\n", (unsigned)result);
    iris_handle_discard(counter);
    return error;
}

int main(int argc, char *argv[])
{
    const char *verb = argc > 1 ? argv[1] : "value";
    int error =
        strcmp(verb, "serve") == 0 ? serve() : ask(verb, argc > 2 ? (uint32_t)atoi(argv[2]) : 1);
    if (error != 0)
        fprintf(stderr, "counter: %s: %s\n", verb, strerror(-error));
    return error == 0 ? 0 : 1;
}
