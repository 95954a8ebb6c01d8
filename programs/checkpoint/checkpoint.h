/* SPDX-License-Identifier: MIT */
/*
 * A program in a space of our own making, which can be turned into bytes and back at any moment.
 *
 * To that program we are the memory service and pager (slot 3) and the process service (slot 4);
 * its other well-known handles are copies of ours, and it cannot tell. So its memory is ours, its
 * threads are under our control, and handles that lead out of it have names: those of their slots.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iris/layout.h>
#include <iris/object.h>

#define NEST_REGIONS 64
#define NEST_KERNEL_PAGES 64 /* for its tables, threads, handles and mapping records */
#define NEST_STACK (256u << 10)

struct nest_region {
    uint32_t address, size; /* there; size 0: unused */
    uint32_t own;           /* the same memory, here */
    bool writable;
    uint8_t *touched; /* a bit per page: it may be other than zero */
};

struct nest {
    uint32_t port, memory, process, handler; /* ours, and three portals to it */
    uint32_t space;
    struct nest_region regions[NEST_REGIONS];
    bool ended;
    uint32_t status;
};

/* nest.c: making, serving, ending. Each returns 0 or a negative error number. */
int nest_create(struct nest *nest);
void nest_destroy(struct nest *nest);
/* Zeroed memory in it; `address` 0: anywhere. */
int nest_add_region(struct nest *nest, uint32_t address, uint32_t size, bool writable,
                    struct nest_region **added);
/* Serves its faults and calls until the deadline, or until it has ended. */
void nest_serve(struct nest *nest, uint64_t deadline);
static inline bool nest_page_touched(const struct nest_region *region, uint32_t page)
{
    return region->touched[page / 8] >> page % 8 & 1;
}
static inline void nest_touch_page(struct nest_region *region, uint32_t page)
{
    region->touched[page / 8] |= (uint8_t)(1u << page % 8);
}

/* The handles that it has from us, by name. */
struct nest_name {
    const char *name;
    uint32_t slot; /* there */
};
#define NEST_NAMES 7
extern const struct nest_name nest_names[NEST_NAMES];
/* Our handle of that name: what a copy is given of. */
uint32_t nest_named(const struct nest *nest, unsigned index);

/* load.c: an ELF file into it, and its first thread started. NULL, or what is wrong. */
const char *nest_load(struct nest *nest, const char *path, int argc, char *argv[]);

/* image.c: bytes put one after another, and taken out again with every bound checked. */
struct image {
    uint8_t *data;
    uint32_t size, room, at;
    bool bad; /* out of memory, or read beyond the end */
};
void image_put(struct image *image, const void *data, uint32_t size);
void image_put_word(struct image *image, uint32_t word);
void image_take(struct image *image, void *data, uint32_t size);
uint32_t image_take_word(struct image *image);
void image_seal(struct image *image);   /* length and checksum into its head */
bool image_unseal(struct image *image); /* false: it is not what image_seal left */
void image_free(struct image *image);
/* To a file, and from one. NULL, or what went wrong; a file that could not be written whole is
 * gone. */
const char *image_write(const struct image *image, const char *path);
const char *image_read(struct image *image, const char *path);

/* What a checkpoint consists of, for people. */
struct tally {
    uint32_t threads, handles, ports, pages, cancelled;
};

/* save.c: stops it, and writes down all of it. NULL, or why that cannot be. `patient`: calls that
   are being served may be answered before; otherwise they are cut, as if cancelled. */
const char *nest_save(struct nest *nest, bool patient, struct image *image, struct tally *tally);
/* restore.c: makes it anew from nothing but the image, and lets it go on. */
const char *nest_restore(struct nest *nest, struct image *image);

#endif
