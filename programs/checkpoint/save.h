/* SPDX-License-Identifier: MIT */
/*
 * The image: regions with their touched pages; threads with their states; ports, portals and
 * handles; which thread is bound to which port. Not in it: notification bits and exit events that
 * wait at a port, quanta, kept callers.
 */
#ifndef SAVE_H
#define SAVE_H

#include <stdint.h>

#define SAVE_THREADS_MAX 64
#define SAVE_HANDLES_MAX 512
#define SAVE_PORTS_MAX 128
#define SAVE_PORTALS_MAX 256
#define SAVE_MOMENTS 500 /* milliseconds a call that is being served may take */

enum saved_kind {
    SAVED_DEAD, /* its object is no more */
    SAVED_SPACE,
    SAVED_THREAD,
    SAVED_PORT,
    SAVED_PORTAL,
    SAVED_NAMED, /* index into nest_names */
};

struct saved_handle {
    uint32_t slot, kind, index, rights;
};

struct saved_portal {
    uint32_t port, badge, rights, mask;
};

#endif
