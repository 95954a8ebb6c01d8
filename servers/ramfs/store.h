/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a file: pages, and holes where nothing was ever written. While others have it
 * mapped, the first part lies in a memory object instead.
 */
#ifndef RAMFS_STORE_H
#define RAMFS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "server.h"

/* Pages of the largest file. */
#define STORE_BRANCH 256u
#define STORE_PAGES_MAX (STORE_BRANCH * STORE_BRANCH)

struct store {
    uint32_t size;    /* of the file; all bytes behind it are zero */
    uint8_t *first;   /* page 0 */
    uint8_t ***later; /* other pages: tables of tables, by STORE_BRANCH; NULL: none, a hole */
    /* Bytes below object_size lie here, mapped; the pages above have holes in their place. */
    uint32_t object, object_size; /* slot, 0: none; whole pages */
    uint8_t *mapped;
};

/* Bytes from the file into a client's buffer, which lie in it: how many, or an error. */
int store_read(struct store *store, uint32_t offset, struct iris_buffer_ref data, uint32_t count);

/* Bytes of a client's buffer into the file, which grows by them: how many were taken; -ENOSPC if
   there is room for none, -EFBIG. */
int store_write(struct store *store, uint32_t offset, struct iris_buffer_ref data);

/* 0 or -EFBIG. */
int store_resize(struct store *store, uint32_t size);

/* A handle to the file's bytes as a memory object, to be given away. -EBUSY: it has grown since it
   was mapped, and still is. */
int store_object(struct store *store, bool writable, struct iris_handle_out *object);

/* Nobody has it open: if nobody has it mapped either, the object becomes pages again. */
void store_settle(struct store *store);

void store_free(struct store *store);

uint32_t store_pages(const struct store *store);

#endif
