/* SPDX-License-Identifier: MIT */
/*
 * boot.conf: which servers there are and what each of them gets. Lines of words; '#' starts a
 * comment. Portable: tests/host reads good and bad ones.
 *
 *   server NAME priority N kernel N[+1/SHARE]|rest memory N
 *                               bin/NAME; kernel and memory count pages, +1/SHARE: and that part of
 *                               what root has left. In order of start. The first must be mem. The
 *                               lines below belong to the server above them.
 *   portal SLOT SERVER BADGE    a portal to a server's port, with that badge
 *   kernel SLOT                 the KERNEL handle
 *   irq SLOT LINE               an interrupt line
 *   io FIRST COUNT              I/O ports
 *   archive                     the boot archive is mapped at SERVER_ARCHIVE, argv[1] is its size;
 *                               the kernel pages for that come on top
 *   name PATH BADGE             a portal to it with that badge is registered at names
 *   port SLOT PATH              one more port, and a label for it
 *   label PATH                  a powerless portal is registered: only the port gets a name
 *   init PROGRAM                started as the first process, unless the command line says init=
 */
#ifndef ROOT_CONFIG_H
#define ROOT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_SERVERS_MAX 32u
#define CONFIG_GRANTS_MAX 192u
#define CONFIG_WORD_MAX 32u
#define CONFIG_REST UINT32_MAX /* kernel rest: what root has left */

enum grant_kind {
    GRANT_PORTAL,
    GRANT_KERNEL,
    GRANT_IRQ,
    GRANT_IO,
    GRANT_ARCHIVE,
    GRANT_PORT,
    GRANT_NAME,
    GRANT_LABEL,
};

struct grant {
    enum grant_kind kind;
    uint32_t server;            /* index of who gets it */
    uint32_t slot;              /* PORTAL, KERNEL, IRQ, PORT */
    uint32_t number;            /* badge, line, first port */
    uint32_t count;             /* IO */
    char word[CONFIG_WORD_MAX]; /* PORTAL: server; PORT, NAME, LABEL: path */
    uint32_t portal;            /* PORT, NAME, LABEL: root's slot of what is registered */
};

struct server_config {
    char name[CONFIG_WORD_MAX];
    uint32_t priority, kernel_pages, memory_pages;
    uint32_t kernel_share; /* 0: none */
};

struct config {
    struct server_config server[CONFIG_SERVERS_MAX];
    uint32_t servers;
    struct grant grant[CONFIG_GRANTS_MAX];
    uint32_t grants;
    char init[CONFIG_WORD_MAX];
};

/* Reads the text. Returns 0, or the number of the first line that makes no sense. */
uint32_t config_read(const char *text, uint32_t length, struct config *config);

/* The index of a server, or config->servers. */
uint32_t config_find(const struct config *config, const char *name);

#endif
