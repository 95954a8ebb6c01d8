/* SPDX-License-Identifier: MIT */
/*
 * root: the first program. It owns what the kernel starts with, gives each server just what
 * boot.conf says, and watches over them.
 *
 *   main.c     the order of things
 *   stage.c    the boot log's lines
 *   archive.c  the boot archive: mapped and compared with its manifest
 *   config.c   boot.conf
 *   first.c    mem, which has no pager yet: loaded page by page
 *   servers.c  ports, portals, all other servers
 *   init.c     the first process
 *   watch.c    afterwards: faults of servers, the end of init
 */
#ifndef ROOT_H
#define ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iris/calls.h>
#include <iris/error.h>
#include <iris/layout.h>
#include <iris/object.h>

#include "config.h"
#include "launch.h"
#include "tar.h"

struct server {
    struct launch launch;
    uint32_t port;    /* slot until it is given away */
    uint32_t service; /* portal with SERVER_BADGE_ROOT */
};

extern struct config config;
extern struct server servers[CONFIG_SERVERS_MAX];
extern struct tar archive;

/* Root's own port, and a portal to it for notifications (bit ROOT_NOTIFY_INIT). */
extern uint32_t root_port, root_notify;
#define ROOT_NOTIFY_INIT 1u
#define ROOT_WATCH_BADGE 16u /* + index of a server: its exceptions and exits */

/* ---- stage.c ---- */

/* "boot: TEXT ... ok", or with a problem "... FAILED: PROBLEM". Strings up to a NULL. */
void stage_ok(const char *text, ...) __attribute__((sentinel));
void stage_failed(const char *problem, const char *text, ...) __attribute__((sentinel));

/* A line that is no stage. */
void say(const char *text, ...) __attribute__((sentinel));

const char *error_name(int error);

/* ---- clock.c ---- */

/* Makes the time that rtc, a portal to the driver, tells the system's. */
void clock_set(uint32_t rtc);

/* ---- archive.c, first.c, servers.c, init.c, watch.c: true, or a stage has failed ---- */

bool archive_open(void);
bool first_start(void);

/* Ports for all servers, so that each can be given portals to any other before that one runs. */
bool servers_make_ports(void);
bool server_start(uint32_t index);
bool servers_register_names(void);
bool servers_adopt(void);

/* Everything in boot.conf that a server gets, beside its port; of use to first_start too. */
int server_give(uint32_t index);

/* Asks a server whether it serves; 0, or why not. */
int server_is_alive(uint32_t index);

/* A portal to a server with a badge, made when first asked for; 0: no memory. */
uint32_t server_portal(uint32_t index, uint32_t badge);

/* The slot of a new portal to root's own port for a server's exceptions and exits; 0: no memory. */
uint32_t server_watch(uint32_t index);

/* The kernel pages for a server's space: what boot.conf says and what mapping the archive takes. */
uint32_t server_kernel_pages(uint32_t index);

uint32_t root_slot(void); /* iris_slot_alloc, or 0 */

bool init_start(void);
void init_ended(void);

void watch(void) __attribute__((noreturn));

#endif
