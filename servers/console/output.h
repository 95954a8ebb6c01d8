/* SPDX-License-Identifier: MIT */
/* What goes to the terminal: a queue in front of the serial driver, and writers waiting for room.
 */
#ifndef CONSOLE_OUTPUT_H
#define CONSOLE_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "server.h"

/* file_write: takes what there is room for. Without room the caller is kept (IRIS_DEFER), or told
   EAGAIN if it wants to be answered `at_once`. */
int output_write(struct iris_request *rq, struct iris_buffer_ref data, bool at_once,
                 uint32_t *count);

bool output_has_room(void);

/* Whether a carriage return goes before each newline, as it does at first. */
bool output_returns(void);
void output_set_returns(bool returns);

/* Output is held while there is a reason to. */
enum output_reason { OUTPUT_TYPED = 1, OUTPUT_TOLD = 2 };
void output_hold(enum output_reason reason);
void output_let(uint32_t reasons); /* those are none any more */

/* Bytes of the console's own; a part of the queue is reserved for them. */
void output_echo(const char *bytes, uint32_t count);

/* Answers now or when the queue is empty. */
int output_drain(struct iris_request *rq);

/* Hands on what the driver has room for, then lets waiting writers go on. */
void output_pump(void);

/* Forgets waiting callers that have died. */
void output_sweep(void);

/* Makes the queue's memory resident, once. */
void output_start(void);

#endif
