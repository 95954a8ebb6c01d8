/* SPDX-License-Identifier: MIT */
/*
 * The heap. newlib's malloc wants a break that moves; the memory service sets address space apart,
 * which it takes from the program's quota. So the heap grows in small steps, at addresses that
 * nothing else gets; if one is in use all the same, a new heap begins above, which malloc copes
 * with. When the quota or the machine is exhausted, malloc says ENOMEM: what it gave can be used.
 */
#include <errno.h>
#include <malloc.h>
#include <reent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <iris/layout.h>
#include <iris/object.h>

#include "libc.h"
#include "memory.h" /* generated from servers/mem/memory.idl */
#include "newlib_hooks.h"

#define HEAP_BASE 0x40000000u
#define HEAP_STEP (64u << 10)

/* Guarded by libc_lock, which malloc's own lock makes mostly unnecessary. */
static struct {
    uint32_t start, end; /* of what is promised */
    uint32_t current;    /* the break */
    uint32_t dirty_end;  /* highest break there has been: memory below may not be zero */
} heap = {HEAP_BASE, HEAP_BASE, HEAP_BASE, HEAP_BASE};

/* Above the heap, where its end is taken; malloc takes only higher addresses. */
static int grow_elsewhere(uint32_t length)
{
    uint32_t address = 0;

    if (memory_allocate(IRIS_SLOT_MEMORY, length, MEMORY_WRITE, &address) != 0)
        return -ENOMEM;
    if (address < heap.end) {
        memory_release(IRIS_SLOT_MEMORY, address, length);
        return -ENOMEM;
    }
    heap.start = heap.current = heap.dirty_end = address;
    heap.end = address + length;
    return 0;
}

static int grow_by(uint32_t length)
{
    int error = memory_allocate_at(IRIS_SLOT_MEMORY, heap.end, length, MEMORY_WRITE);

    if (error == -EEXIST)
        return grow_elsewhere(length);
    if (error == 0)
        heap.end += length;
    return error == 0 ? 0 : -ENOMEM;
}

/* `size` bytes more; a little more than asked, if there is so much. */
static int grow(uint32_t size)
{
    uint32_t least = (size + IRIS_PAGE_SIZE - 1) & -(uint32_t)IRIS_PAGE_SIZE;
    uint32_t usual = (size + HEAP_STEP - 1) & -HEAP_STEP;

    if (least < size || usual < size)
        return -ENOMEM;
    return grow_by(usual) == 0 ? 0 : grow_by(least);
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
    if (size > heap.end - heap.current && grow(size - (heap.end - heap.current)) != 0)
        return NULL;
    if (size > heap.end - heap.current && grow(size) != 0)
        return NULL; /* it had to begin elsewhere, with too little */
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

/* newlib's does not see that the product is too large for its type. */
void *calloc(size_t count, size_t size)
{
    size_t total;

    if (!__builtin_mul_overflow(count, size, &total))
        return _calloc_r(_REENT, count, size);
    errno = ENOMEM;
    return NULL;
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
