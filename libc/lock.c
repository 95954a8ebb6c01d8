/* SPDX-License-Identifier: MIT */
/*
 * newlib's locks (stdio, malloc, environment, exit handlers): recursive mutexes, one compare and
 * exchange when free. Whoever finds one taken sleeps on its word.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/lock.h>

#include <iris/sync.h>

#include "libc.h"

struct __lock {
    uint32_t owner; /* 0: free; else thread block's address | LOCK_TAKEN, perhaps LOCK_AWAITED */
    uint32_t depth; /* changed by the owner only */
};

#define LOCK_TAKEN 1u   /* a server may run without a block */
#define LOCK_AWAITED 2u /* somebody may sleep */

struct __lock __lock___sinit_recursive_mutex;
struct __lock __lock___sfp_recursive_mutex;
struct __lock __lock___atexit_recursive_mutex;
struct __lock __lock___at_quick_exit_mutex;
struct __lock __lock___malloc_recursive_mutex;
struct __lock __lock___env_recursive_mutex;
struct __lock __lock___tz_mutex;
struct __lock __lock___dd_hash_mutex;
struct __lock __lock___arc4random_mutex;

void __retarget_lock_init(_LOCK_T *lock)
{
    *lock = calloc(1, sizeof **lock);
    if (*lock == NULL)
        abort();
}

void __retarget_lock_init_recursive(_LOCK_T *lock) { __retarget_lock_init(lock); }

void __retarget_lock_close(_LOCK_T lock) { free(lock); }

void __retarget_lock_close_recursive(_LOCK_T lock) { free(lock); }

static uint32_t self(void) { return (uint32_t)thread_block() | LOCK_TAKEN; }

static bool change(_LOCK_T lock, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&lock->owner, &from, to, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
    uint32_t owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
    if ((owner & ~LOCK_AWAITED) != self() && !change(lock, 0, self()))
        return 0;
    lock->depth++;
    return 1;
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
    return __retarget_lock_try_acquire_recursive(lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
    if (__retarget_lock_try_acquire_recursive(lock))
        return;
    /* Who has slept takes it as one that is awaited: it cannot know of others. */
    while (!change(lock, 0, self() | LOCK_AWAITED)) {
        uint32_t owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
        if (owner != 0 && (owner & LOCK_AWAITED || change(lock, owner, owner | LOCK_AWAITED)))
            iris_word_sleep(&lock->owner, owner | LOCK_AWAITED, IRIS_DEADLINE_NONE);
    }
    lock->depth++;
}

void __retarget_lock_acquire(_LOCK_T lock) { __retarget_lock_acquire_recursive(lock); }

void __retarget_lock_release_recursive(_LOCK_T lock)
{
    if (--lock->depth == 0 && __atomic_exchange_n(&lock->owner, 0, __ATOMIC_RELEASE) & LOCK_AWAITED)
        iris_word_rouse(&lock->owner);
}

void __retarget_lock_release(_LOCK_T lock) { __retarget_lock_release_recursive(lock); }

/* One lock for the port's own tables. */
static struct __lock own_lock;

void libc_lock(void) { __retarget_lock_acquire_recursive(&own_lock); }

void libc_unlock(void) { __retarget_lock_release_recursive(&own_lock); }
