/* SPDX-License-Identifier: MIT */
/*
 * Who pays, and who called: followed from record to record by the rules of the kernel, because a
 * record itself only knows which thread was running. A call takes the caller's budget along; who
 * receives an event or a send, keeps a caller or has answered goes on at home; the dispatcher says
 * whose budget it chose.
 */
#ifndef PROGRAMS_TRACE_PAYER_H
#define PROGRAMS_TRACE_PAYER_H

#include <iris/calls.h>
#include <iris/object.h>

/* Whose budget a thread runs on; its own as far as is known. */
uint32_t payer_of(uint32_t thread);
/* What was known before the first record. */
void payer_begin(uint32_t thread, uint32_t budget);
/* Who sent the message that this record says was received. A call that was queued is recorded by
   its receiver; then it is the one who queued it. */
uint32_t payer_sender(const struct iris_trace_record *record);
/* The next record has been looked at. */
void payer_follow(const struct iris_trace_record *record);

#endif
