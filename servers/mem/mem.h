/* SPDX-License-Identifier: MIT */
/*
 * mem: sigma0 and default pager. It owns all memory that is not the kernel's, and hands it to its
 * clients page by page when they first touch it.
 *
 *   main.c     the interfaces and page faults: messages in, answers out
 *   client.c   clients: who they are, what they were promised (regions) and given (pages)
 *   fill.c     what a page contains when it is given
 *   frames.c   which page frames of the machine are free; a few of them already zeroed
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
};

/* Badges of mem's portals: clients have their number. */
enum {
    MEM_BADGE_CONTROL = 1,
    MEM_CLIENT_FIRST = 16,
};

/* mem's own address space above its program. */
#define MEM_ARCHIVE 0x40000000u /* the boot archive, read-only */
#define MEM_BITMAP 0x50000000u  /* one bit a frame */
#define MEM_ARENAS 0x60000000u
#define MEM_ARENAS_PAGES 16384u
#define MEM_WINDOW 0x70000000u /* frames being filled or read */
#define MEM_WINDOW_PAGES 16u

/* ---- frames.c ---- */

/* Takes stock of the machine's memory; 0 or a negative error number. */
int frames_start(void);

/* A free frame (physical address >> 12), or 0. Its contents are those of whoever had it. */
uint32_t frame_take(void);

/* A free frame that contains zeroes, or 0. */
uint32_t frame_take_zeroed(void);

/* Gives a frame back; no mapping of it may be left anywhere. */
void frame_free(uint32_t frame);

/* Zeroes up to MEM_WINDOW_PAGES free frames for later; false: there is no need or no frame. */
bool frames_zero_some(void);

struct frame_counts {
    uint32_t total, free, zeroed; /* `free` includes `zeroed` */
};
struct frame_counts frames_count(void);

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
    uint32_t archive_offset; /* a multiple of the page size */
    uint32_t file_size;      /* bytes from the archive; the rest is zero */
};
#define CLIENT_REGIONS_MAX 512u

/* What pages[] says of a page that was given. */
#define GIVEN_OWN 1u   /* the frame is the client's; else the boot archive's */
#define GIVEN_SHIFT 8u /* frame << GIVEN_SHIFT */

struct client {
    uint32_t number;
    uint32_t portal;                    /* slot of its portal: badge is the number */
    uint32_t space;                     /* slot, 0: not attached yet */
    uint32_t quota, resident, promised; /* pages */
    uint32_t faults;
    struct arena records; /* this record and all below; its pages count against the quota */
    struct region *regions;
    uint32_t regions_count;
    struct radix given; /* page number -> frame << GIVEN_SHIFT | GIVEN_* */
};

extern uint32_t clients_count;

/* Each returns 0 or a negative error number. */
int client_create(uint32_t quota, struct client **client);
struct client *client_find(uint32_t number);
int client_attach(struct client *client, uint32_t space);
int client_add_region(struct client *client, const struct region *wanted);
int client_allocate(struct client *client, uint32_t pages, bool writable, uint32_t *page);
int client_release(struct client *client, uint32_t page, uint32_t pages);
void client_destroy(struct client *client);

const struct region *client_region(const struct client *client, uint32_t page);

/* Sees to it that the client has a page it touched. */
int client_give(struct client *client, uint32_t page, bool writing);

/* The frame of a page that was given, 0: not given. */
uint32_t client_frame(struct client *client, uint32_t page);

/* ---- fill.c ---- */

/* A frame with what page number `index` of a region contains at first, and its GIVEN_ flags; 0: no
   memory. */
uint32_t fill_page(const struct region *region, uint32_t index, uint32_t *flags);

/* Maps one frame for mem itself until window_close. NULL: the kernel has no memory for that. */
uint8_t *window_open(uint32_t frame, bool writable);
void window_close(void);

#endif
