/* SPDX-License-Identifier: MIT */
/*
 * The methods of the interface `file` that lock, for file systems whose open files are in a table
 * (opened.h), each with the node it leads to:
 *
 *     locks_begin(&table)                         at the start
 *     .locker = locks_locker, .lock = locks_lock, .lock_test = locks_test,
 *     .lock_whole = locks_whole                   in the operations; their context: the open file
 *     locks_event(badge)                          at IRIS_EVENT_DISCONNECT
 *     locks_closed(opened)                        there too, before opened_free
 *
 * Who locks is known by a portal that this server has made for him, which he shows with every call;
 * made for the space that he has shown, whose id nobody can choose. The kernel tells when the last
 * handle to the portal is gone, so the end of a process is the end of its locks.
 */
#ifndef IRIS_LIB_LOCKS_H
#define IRIS_LIB_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h" /* generated from file.idl */
#include "opened.h"
#include "server.h"

void locks_begin(struct opened_table *table);

int locks_locker(void *context, struct iris_request *rq, uint32_t space,
                 struct iris_handle_out *locker);
int locks_lock(void *context, struct iris_request *rq, enum file_lock_kind kind, bool wait,
               uint32_t start, uint32_t last, uint32_t locker);
int locks_test(void *context, struct iris_request *rq, enum file_lock_kind kind, uint32_t start,
               uint32_t last, struct file_lock *found, uint32_t locker);
int locks_whole(void *context, struct iris_request *rq, enum file_lock_kind kind, bool wait);

/* True: it was a locker's badge, and that one's locks are gone. */
bool locks_event(uint32_t badge);

/* An open file goes: its lock as a whole does, its waiters get EBADF; of a node that nobody else
   has open all locks go. */
void locks_closed(struct opened *opened);

#endif
