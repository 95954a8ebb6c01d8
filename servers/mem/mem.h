/* SPDX-License-Identifier: MIT */
/*
 * mem: sigma0 and default pager. It owns all memory that is not the kernel's, and hands it to its
 * clients page by page when they first touch it.
 *
 *   main.c     the interfaces and page faults: messages in, answers out
 *   client.c   clients: who they are, and the pages they were given
 *   region.c   what they were promised: parts of their address space
 *   object.c   memory objects: pages that several clients can map
 *   view.c     regions that show an object, shared or copied on write
 *   fill.c     what a page contains when it is given
 *   frames.c   which page frames of the machine are free; a pool of them already zeroed
 *   idle.c     the thread that fills that pool when nothing else runs
 *   arena.c    the small records of one client, cut from pages of its own
 *   radix.c    tables from page numbers to words
 *
 * mem runs without a pager: all its pages are there before it starts, or are mapped by itself. It
 * calls no other server, so everybody can call it.
 */
#ifndef MEM_H
#define MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iris/calls.h>
#include <iris/error.h>
#include <iris/layout.h>
#include <iris/object.h>

#define PAGE IRIS_PAGE_SIZE

/* Slots that root fills. */
enum {
    MEM_SLOT_PHYSICAL = 3, /* the MEMORY object */
    MEM_SLOT_PORT = 10,
    MEM_SLOT_IDLE = 11, /* the port of its idle thread */
};

/* Badges of mem's portals: clients have their number. */
enum {
    MEM_BADGE_CONTROL = 1,
    MEM_BADGE_ARCHIVE = 2,  /* memory_archive: the file system's */
    MEM_BADGE_PHYSICAL = 3, /* memory_physical: drivers' */
    MEM_BADGE_IDLE = 4,     /* mem's own thread */
    MEM_CLIENT_FIRST = 16,
};
#define MEM_BADGE_OBJECT 0x80000000u /* memory_object: where its record lies */
#define MEM_BADGE_WRITE 0x40000000u  /* and may be written through this handle */

/* mem's own address space above its program. */
#define MEM_ARCHIVE 0x40000000u /* the boot archive, read-only */
#define MEM_BITMAP 0x50000000u  /* one bit a frame */
#define MEM_ARENAS 0x60000000u
#define MEM_ARENAS_PAGES 16384u
#define MEM_WINDOW 0x70000000u /* frames being filled or read */
#define MEM_WINDOW_SOURCE (MEM_WINDOW + PAGE)
#define MEM_IDLE 0x70400000u /* frames that the idle thread zeroes */
#define MEM_IDLE_PAGES 8u

/* ---- frames.c ---- */

/* Takes stock of the machine's memory; 0 or a negative error number. */
int frames_start(void);

/* A free frame (physical address >> 12), or 0. Its contents are those of whoever had it. */
uint32_t frame_take(void);

/* A free frame that contains zeroes, or 0. */
uint32_t frame_take_zeroed(void);

/* Gives a frame back; no mapping of it may be left anywhere. */
void frame_free(uint32_t frame);

/* Whether any of these frames is the machine's memory. */
bool frames_are_memory(uint32_t first, uint32_t count);

/* Whether the pool has room for these and there are as many others to zero. */
bool frames_pool_has_room(uint32_t count);

/* Frames to be zeroed; how many there are, at most `most`. */
uint32_t frames_to_zero(uint32_t *taken, uint32_t most);

/* They go to the pool, or (`zeroed` false) are as they were. */
void frames_back(const uint32_t *taken, uint32_t count, bool zeroed);

struct frame_counts {
    uint32_t total, free, zeroed; /* `free` includes `zeroed`, and what is being zeroed */
};
struct frame_counts frames_count(void);

/* ---- idle.c ---- */

/* Starts the thread. */
int idle_start(void);

/* It has zeroed what it was given: how many pages are next, 0: it is to wait. */
uint32_t idle_next(void);

/* The pool has sunk, or frames became free: it may have something to do again. */
void idle_wake(void);

/* No other frame is left: those that are zeroed but not in the pool yet go there. */
void idle_finish(void);

/* The boot archive: mapped at MEM_ARCHIVE, its first frame, its size in bytes. */
struct archive {
    uint32_t frame, size;
};
extern struct archive archive;

/* ---- arena.c ---- */

/* Records of one owner. Its pages are charged to nobody here: the owner counts `pages`. */
struct arena {
    struct arena_page *first;
    uint32_t pages;
};
#define ARENA_UNIT 32u /* bytes; a record takes a power of two of units, at most 16 */

/* A new arena with its owner's record, zeroed, in its first page; NULL: no memory. Frees of all
   records but the owner's give pages back that became empty. */
void *arena_create(struct arena *arena, uint32_t size);

/* A zeroed record, or NULL. */
void *arena_take(struct arena *arena, uint32_t size, bool may_grow);
void arena_free(struct arena *arena, void *record, uint32_t size);

/* Frees all pages, whatever is in them. */
void arena_destroy(struct arena *arena);

/* Owners have numbers, the lowest ones that are free when they come; NULL: there is no such. */
uint32_t arena_number(const void *owner);
void *arena_owner(uint32_t number);

/* ---- radix.c ---- */

/* A table from 20-bit keys to words; 0: absent. Empty when zeroed. */
struct radix {
    struct radix_node *top;
};
#define RADIX_KEYS (1u << 20)

/* The place of a key's word; NULL: it has none. */
uint32_t *radix_find(const struct radix *radix, uint32_t key);

/* The same, made if need be; NULL: no memory, or no such key. The arena grows by one page at
   most. */
uint32_t *radix_make(struct radix *radix, struct arena *arena, uint32_t key, bool may_grow);

/* The key's word becomes 0; nodes without words are freed. */
void radix_remove(struct radix *radix, struct arena *arena, uint32_t key);

/* The first key >= *key whose word is not 0; false: there is none. */
bool radix_next(const struct radix *radix, uint32_t *key, uint32_t *word);

/* ---- client.c ---- */

struct region {
    struct region *next;  /* in order of address */
    uint32_t page, pages; /* address >> 12 */
    bool writable;
    bool hidden;             /* nobody can touch it */
    bool reserved;           /* its pages are set apart in the client's quota */
    uint32_t archive_offset; /* a multiple of the page size */
    uint32_t file_size;      /* bytes from the archive; the rest is zero */
    struct view *view;       /* it shows an object; NULL: it has pages of its own */
};
#define CLIENT_REGIONS_MAX 512u

/* What pages[] says of a page that was given. */
#define GIVEN_OWN 1u      /* the frame is the client's; else the boot archive's */
#define GIVEN_RESERVED 2u /* it was set apart before */
#define GIVEN_SHIFT 8u    /* frame << GIVEN_SHIFT */

struct client {
    uint32_t number;
    uint32_t portal;                    /* slot of its portal: badge is the number */
    uint32_t space;                     /* slot, 0: not attached yet */
    uint32_t quota, resident, promised; /* pages */
    uint32_t reserved; /* set apart, not given yet: of allocations, objects, private views */
    uint32_t faults;
    struct arena records; /* this record and all below; its pages count against the quota */
    struct region *regions;
    uint32_t regions_count;
    struct radix given; /* page number -> frame << GIVEN_SHIFT | GIVEN_* */
    struct memory_object *objects;
    uint32_t objects_count;
};

extern uint32_t clients_count;
extern uint32_t clients_reserved; /* pages set apart for all of them together */

/* Each returns 0 or a negative error number. */
int client_create(uint32_t quota, struct client **client);
struct client *client_find(uint32_t number);
int client_attach(struct client *client, uint32_t space);
void client_destroy(struct client *client);

/* May it have one page more, to use or for its records? Pages set apart are not counted: who uses
   those asks for nothing new. */
bool client_has_room(const struct client *client);

/* Sets pages apart, within the quota and within what the machine has left; -ENOMEM. */
int client_reserve(struct client *client, uint32_t pages);
/* They are set apart no more, or were given: then `resident` counts them. */
void client_unreserve(struct client *client, uint32_t pages);

/* Sees to it that the client has a page it touched. */
int client_give(struct client *client, uint32_t page, bool writing);

/* A fault; `present`: it has the page, though not with the right it wanted to use. */
int client_fault(struct client *client, uint32_t page, bool writing, bool present);

/* The frame of a page that was given, 0: not given. */
uint32_t client_frame(struct client *client, uint32_t page);

/* Shows a frame to the client: `flags` as memory_map. 0 also if something is mapped there. */
int client_map(const struct client *client, uint32_t page, uint32_t frame, uint32_t flags);

/* Takes the pages back that it was given in [first, end). */
void client_take_back(struct client *client, uint32_t first, uint32_t end);

/* ---- region.c ---- */

int client_add_region(struct client *client, const struct region *wanted);

/* Address space for `pages`, at `*page` or, if that is 0, anywhere; they are set apart. -EEXIST:
   something is there; -ENOMEM. */
int client_allocate(struct client *client, uint32_t pages, bool writable, uint32_t *page);

/* The same for a view of an object; nothing is set apart. */
int client_place(struct client *client, const struct region *wanted, uint32_t *page);

int client_release(struct client *client, uint32_t page, uint32_t pages);

/* What can be done with pages that were promised. */
int client_protect(struct client *client, uint32_t page, uint32_t pages, bool writable,
                   bool hidden);

const struct region *client_region(const struct client *client, uint32_t page);

/* ---- object.c ---- */

enum object_kind { OBJECT_ANONYMOUS = 1, OBJECT_ARCHIVE, OBJECT_PHYSICAL };

struct memory_object {
    struct client *owner;       /* pays for it */
    struct memory_object *next; /* of the same owner */
    enum object_kind kind;
    uint32_t pages;
    uint32_t first; /* archive: offset of its first byte; physical: frame */
    uint32_t size;  /* bytes; those of the last page beyond it are zero */
    bool cached;    /* physical */
    uint32_t resident;
    struct radix frames; /* page -> frame << GIVEN_SHIFT | GIVEN_OWN */
    struct view *views;
    uint32_t portal[2]; /* slots, to read and to write through; 0: not made */
    bool held[2];       /* somebody may have a handle */
};
#define CLIENT_OBJECTS_MAX 32u
#define MEM_KERNEL_RESERVE 32u /* kernel pages that objects' portals do not take from mem */

/* `wanted` has kind, first, size and cached. */
int object_create(struct client *owner, const struct memory_object *wanted,
                  struct memory_object **created);
/* Takes it from everybody. */
void object_destroy(struct memory_object *object);
/* Destroys it if nobody holds or maps it. */
void object_settle(struct memory_object *object);

struct memory_object *object_of(uint32_t badge);
/* The object behind a handle that came in a message, and what the handle allows; NULL: another
   thing. */
struct memory_object *object_behind(uint32_t handle, bool *writable);
/* Its portal, made when first asked for. */
int object_portal(struct memory_object *object, bool writable, uint32_t *slot);
/* Nobody holds a handle of this badge any more. */
void object_disconnected(uint32_t badge);

/* The frame of a page, made if need be; 0 with *error set. */
uint32_t object_frame(struct memory_object *object, uint32_t index, int *error);
/* The same if it is there already, else 0. */
uint32_t object_look(const struct memory_object *object, uint32_t index);

/* ---- view.c ---- */

struct view {
    struct view *next;            /* of the same object */
    struct memory_object *object; /* NULL: it is gone */
    struct client *client;
    struct region *region;
    uint32_t first; /* the object's page at the region's beginning */
    bool private;   /* writing makes a copy */
    bool may_write; /* the handle allowed it */
};

struct view_request {
    uint32_t page, pages, first; /* page 0: anywhere */
    bool writable, private;
};
int view_map(struct client *client, struct memory_object *object, bool may_write,
             const struct view_request *wanted, uint32_t *page);

/* A record for the second half of a view that is cut in two. */
struct view *view_split(struct view *view, uint32_t first);

/* May its region become writable? */
bool view_may_write(const struct view *view);

/* The region's view ends. */
void view_end(struct view *view);

int view_give(struct client *client, const struct region *region, uint32_t page, bool writing);
uint32_t view_frame(struct client *client, const struct region *region, uint32_t page);

/* ---- fill.c ---- */

/* A frame with what page number `index` of a region contains at first, and its GIVEN_ flags; 0: no
   memory. */
uint32_t fill_page(const struct region *region, uint32_t index, uint32_t *flags);

/* A frame of one's own that begins with `size` bytes of the archive; 0: no memory. */
uint32_t fill_from_archive(uint32_t offset, uint32_t size);

/* A frame of one's own with the contents of another; 0: no memory. */
uint32_t fill_from_frame(uint32_t source);

/* Maps one frame for mem itself until window_close. NULL: the kernel has no memory for that. */
uint8_t *window_open(uint32_t frame, bool writable);
void window_close(void);

#endif
