/* SPDX-License-Identifier: MIT */
/*
 * The heap. newlib's malloc wants a break that moves; the memory service promises regions that
 * cost nothing until touched. So the break moves inside a region, and a new region begins a new
 * heap above the old one, which malloc copes with.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <iris/layout.h>
#include <iris/object.h>

#include "libc.h"
#include "memory.h" /* generated from servers/mem/memory.idl */
#include "newlib_hooks.h"

#define REGION_SIZE (4u << 20)

/* Guarded by libc_lock, which malloc's own lock makes mostly unnecessary. */
static struct {
    uint32_t start, end; /* of the region in use */
    uint32_t current;    /* the break */
    uint32_t dirty_end;  /* highest break there has been: memory below may not be zero */
} heap;

/* A region of at least `size` bytes follows on, or lies elsewhere. */
static int grow(uint32_t size)
{
    uint32_t address = 0, length = size > REGION_SIZE ? size : REGION_SIZE;
    length = (length + IRIS_PAGE_SIZE - 1) & -(uint32_t)IRIS_PAGE_SIZE;
    if (length < size)
        return -ENOMEM;
    int error = memory_allocate(IRIS_SLOT_MEMORY, length, MEMORY_WRITE, &address);
    if (error != 0)
        return -ENOMEM;
    if (address < heap.end) { /* malloc takes only higher ones */
        memory_release(IRIS_SLOT_MEMORY, address, length);
        return -ENOMEM;
    }
    if (address != heap.end)
        heap.start = heap.current = heap.dirty_end = address;
    heap.end = address + length;
    return 0;
}

static void *move_break(ptrdiff_t increment)
{
    uint32_t size = (uint32_t)increment;
    if (increment < 0) {
        if (-size > heap.current - heap.start)
            return NULL;
        heap.current += size;
        return (void *)(heap.current - size);
    }
    if (size > heap.end - heap.current && grow(size) != 0)
        return NULL;
    void *old = (void *)heap.current;
    uint32_t fresh = heap.current + size;
    /* calloc relies on zeroes beyond the break. */
    if (heap.dirty_end > heap.current)
        memset(old, 0, (fresh < heap.dirty_end ? fresh : heap.dirty_end) - heap.current);
    heap.current = fresh;
    if (fresh > heap.dirty_end)
        heap.dirty_end = fresh;
    return old;
}

void *_sbrk(ptrdiff_t increment)
{
    libc_lock();
    void *old = move_break(increment);
    libc_unlock();
    if (old != NULL)
        return old;
    errno = increment < 0 ? EINVAL : ENOMEM;
    return (void *)-1;
}

int posix_memalign(void **memory, size_t align, size_t size)
{
    if (align < sizeof(void *) || (align & (align - 1)) != 0)
        return EINVAL;
    void *made = memalign(align, size);
    if (made == NULL)
        return ENOMEM;
    *memory = made;
    return 0;
}
