/* SPDX-License-Identifier: MIT */
/*
 * Where a thread can be stopped inside a kernel call: the one list of block and preemption points.
 *   WAIT      waits at its port            QUEUE   its call, or fault, is queued
 *   RECEIVED  it is being served           KEPT    it is kept for later
 *   SLEEP     sleeps on words
 *   others    between two steps of a long call: memory_map, memory_unmap, ipc_copy, space_inspect,
 *             word_wake, handle_close, object_destroy of a space, port, portal; SLOT: any call that
 *             makes a handle, where the page of the table had to be made first
 * A debug kernel can be told to report when a thread comes to one (IRIS_TRACE_POINT).
 */
#ifndef IRIS_POINTS_H
#define IRIS_POINTS_H

#define IRIS_POINTS(X)                                                                             \
    X(WAIT)                                                                                        \
    X(QUEUE)                                                                                       \
    X(RECEIVED)                                                                                    \
    X(KEPT)                                                                                        \
    X(SLEEP)                                                                                       \
    X(MAP) X(UNMAP) X(COPY) X(INSPECT) X(WAKE) X(SLOT) X(CLOSE) X(SPACE) X(PORT) X(PORTAL)

#define IRIS_POINT_NUMBER(name) IRIS_POINT_##name,
enum iris_point { IRIS_POINTS(IRIS_POINT_NUMBER) IRIS_POINT_COUNT };

/* What IRIS_TRACE_POINT waits for: the nth time (1-255) that the thread comes to the point. */
#define IRIS_POINT_ARM(point, nth, thread_id) ((thread_id) << 16 | (nth) << 8 | (point))

#endif
