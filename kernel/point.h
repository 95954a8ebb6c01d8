/* SPDX-License-Identifier: MIT */
/* Block and preemption points. In release builds they are nothing, and a pending interrupt. */
#ifndef POINT_H
#define POINT_H

#include <iris/points.h>

#include "arch.h"

#ifdef DEBUG
/* `thread` NULL: the running one. */
bool point_reached(enum iris_point point, const struct thread *thread);
int point_arm(uint32_t portal, uint32_t what);
#else
#define point_reached(point, thread) false
#define point_arm(portal, what) (-ENOSYS)
#endif

/* `thread` is blocked now. */
#define BLOCK_POINT(name, thread) ((void)point_reached(IRIS_POINT_##name, thread))
/* Should a long call let interrupts in? */
#define PREEMPTION_POINT(name) (point_reached(IRIS_POINT_##name, NULL) || arch_interrupt_pending())
/* The result of a call that does so after each step. */
#define RESTART_POINT(name) ((void)point_reached(IRIS_POINT_##name, NULL), SYS_RESTART)

#endif
