/* SPDX-License-Identifier: MIT */
#ifndef T_PAGER_H
#define T_PAGER_H

#include "twin.h"

#define PAGE ((uint32_t)IRIS_PAGE_SIZE)
#define FAR 0x60000000u /* what clients touch; here it is memory of the memory service */
#define FAR_PAGES 128u
#define OUTSIDE 0x70000000u /* nobody has anything there */

/* ---- Domains: spaces that see this program's memory, all but FAR, and have handlers of choice
 * ---- */

struct domain {
    uint32_t space; /* slot */
};
/* Portals in the own table, or 0. */
bool domain_make(struct domain *domain, uint32_t pages, uint32_t pager, uint32_t exception,
                 uint32_t exit);
void domain_end(struct domain *domain);

/* ---- Pagers: threads, here or in a domain, that serve FAR to another domain ---- */

enum pager_mode {
    PAGER_SERVES,
    PAGER_REFUSES,
    PAGER_LIES,   /* says that the page is there, though it is not */
    PAGER_HOLDS,  /* does not answer until `go` */
    PAGER_DIES,   /* ends in the middle of it */
    PAGER_FAULTS, /* itself, where nobody helps */
};

struct pager {
    uint32_t port, client; /* slots in the pager's own table: RECEIVE, and the client's space */
    volatile uint32_t mode, go;
    volatile uint32_t served, refused; /* faults */
    struct bare thread;
};

void pager_loop(void *pager); /* what the thread runs */
/* A pager thread of this program for a rig's port. */
bool pager_run(struct pager *pager, uint32_t utcb_slot, const struct rig *rig, uint32_t client);

/* ---- Ends ---- */

struct ending {
    bool came;
    uint32_t badge, reason, code;
};
/* The next exit event at a port, if one comes. */
struct ending ending_wait(uint32_t port);
/* So many of them: how many had this reason and code. */
unsigned endings(uint32_t port, unsigned count, uint32_t reason, uint32_t code);

/* ---- What clients do ---- */

extern volatile uint32_t sum, touched;
void touch_far(void *page);  /* reads one page of FAR, by number */
void touch_all(void *pages); /* reads and writes as many of them */
void touch_outside(void *unused);

void test_nested(void);  /* row 33: three deep */
void test_portals(void); /* pager, exception and exit portals are separate */
void test_slow(void);    /* row 47 */
void test_bad(void);     /* attack 7, 8: dead, lying, self-faulting */
void test_storm(void);   /* attack 7, 8: a hundred faults at once */

#endif
