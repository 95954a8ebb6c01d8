/* SPDX-License-Identifier: MIT */
/* The server of types.idl: answers what was sent. Runs in Iris and, under sanitizers, on the host.
 */
#ifndef ECHO_H
#define ECHO_H

#include <stdint.h>

#include "server.h"
#include "types.h"

struct echo {
    void (*entered)(void); /* called first by every method; may be NULL */
    uint32_t kept;         /* slot of the handle that keep_it claimed */
    uint32_t reply;        /* slot of the REPLY handle of `later`'s caller */
    uint32_t later_value;
    uint32_t noted_number, noted_count;
    char noted_text[TYPES_TEXT + 1];
    uint32_t flaky_calls;
    uint32_t port; /* for portals to give away */
};

extern const struct types_server echo_operations;
extern const struct types_second_server echo_second_operations;

/* Both interfaces, for a struct iris_server. */
extern const struct iris_service echo_services[2];

#endif
