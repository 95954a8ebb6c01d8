/* SPDX-License-Identifier: MIT */
/* What root and the servers it starts agree on. Which of it a server gets, boot.conf says. */
#ifndef IRIS_LIB_SERVICE_H
#define IRIS_LIB_SERVICE_H

#include <iris/object.h>

/* Slots of servers, between the well-known ones and the first free one. */
enum server_slot {
    SERVER_SLOT_PORT = 10, /* the server's own port, all rights; root has made portals to it */
    SERVER_SLOT_KERNEL = 11,
    SERVER_SLOT_IRQ = 11,
    SERVER_SLOT_SERIAL = 11,    /* portal to the serial driver */
    SERVER_SLOT_CONTROL = 11,   /* mem's memory_control */
    SERVER_SLOT_OBJECTS = 11,   /* bootfs: mem's memory_archive; display: mem's memory_physical */
    SERVER_SLOT_PROCESSES = 11, /* sched: proc's process_scheduling */
    SERVER_SLOT_TERMINAL = 12,
    SERVER_SLOT_INTERRUPT = 13, /* console, uart: port of the second thread */
    SERVER_SLOT_KEYBOARD = 14,  /* console: portals to the other two devices */
    SERVER_SLOT_SCREEN = 15,
};

/* Badges of the portals root makes; what a server makes itself has other ones. */
enum server_badge {
    SERVER_BADGE_PUBLIC = 0,
    SERVER_BADGE_ROOT = 1, /* of those who may more: root, and whom it gave it to */
};

/* Where the boot archive is mapped, read-only, in servers that read it; argv[1] is its size. */
#define SERVER_ARCHIVE 0x90000000u

#endif
