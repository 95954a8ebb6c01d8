/* SPDX-License-Identifier: MIT */
/*
 * Kernel objects and the entries that refer to them.
 *
 * Every reference that outlives a kernel entry is a `struct entry`: a slot of a handle table, or
 * one kept inside an object (a space's pager, an interrupt's binding). All entries of an object
 * form a ring that starts in the object, so destroying it can retarget them all: no reference
 * dangles.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include "kernel.h"

struct space;
struct port;

struct object {
    struct list ring;    /* of entry.ring */
    struct space *owner; /* whose account paid for it; NULL: static */
    uint32_t id;         /* never reused */
    uint8_t type;        /* enum iris_object_type */
    bool dying;          /* being destroyed: no new entries */
    uint16_t entries;    /* length of the ring, saturated: debugging aid */
};

/*
 * 32 bytes. `port` and `badge` are what the fast path needs and nothing more: port is the portal's
 * port when the entry may call it, else &dead_port, which never has a waiter.
 * Never null: an unused entry refers to dead_object and dead_port.
 */
struct entry {
    struct port *port;
    uint32_t badge;
    struct object *object;
    struct list ring;
    uint8_t type;   /* enum iris_object_type: of the object, or REPLY for a kept thread */
    uint8_t rights; /* IRIS_RIGHT_* */
    uint16_t used;  /* 1: the slot is taken, perhaps by a dead object */
    uint32_t reserved[2];
};
_Static_assert(sizeof(struct entry) == 32, "the fast path shifts handles by 5");
#define ENTRY_SHIFT 5
#define ENTRIES_PER_PAGE (PAGE_SIZE / sizeof(struct entry))

extern struct object dead_object;

void object_init(struct object *object, enum iris_object_type type, struct space *owner);

/* Small objects of one class are cut from pages charged to a space. NULL: account exhausted. */
enum object_class { OBJECT_32, OBJECT_128, OBJECT_CLASSES };
void *object_alloc(struct space *owner, enum object_class size);
void object_free(void *memory);

/* Sets every entry of the object to dead, at most `steps` of them; true when the ring is empty. */
bool object_retarget(struct object *object, unsigned steps);

/* Makes it the last one that object_retarget reaches: a destroyer that is interrupted comes again
   through this very entry. */
void entry_last(struct entry *entry);

/* An entry becomes a reference; it must be unused. For portals fills port and badge. */
void entry_set(struct entry *entry, struct object *object, enum iris_object_type type,
               uint8_t rights);
/* A copy with at most these rights. */
void entry_copy(struct entry *to, const struct entry *from, uint8_t rights);
/* Back to unused, without consequences for the object (see handle_drop). */
void entry_clear(struct entry *entry);

#endif
