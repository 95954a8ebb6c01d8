/* SPDX-License-Identifier: MIT */
/* The interface kernel_debug: audit, trace and statistics for whoever may. */
#ifndef LOG_DEBUG_H
#define LOG_DEBUG_H

#include "kernel_debug.h"
#include "server.h"

/* Of the portal it is served on, which the name service knows as "kernel/debug". */
#define DEBUG_BADGE 2u

/* One service; its context is not used. */
extern const struct iris_service debug_services[1];

#endif
