/* SPDX-License-Identifier: MIT */
/* What goes to the terminal: a queue in front of the serial driver, and writers waiting for room.
 */
#ifndef CONSOLE_OUTPUT_H
#define CONSOLE_OUTPUT_H

#include <stdint.h>

#include "server.h"

/* file_write: takes what there is room for. Without room the caller is kept (IRIS_DEFER). */
int output_write(struct iris_request *rq, struct iris_buffer_ref data, uint32_t *count);

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
