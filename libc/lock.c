/* SPDX-License-Identifier: MIT */
/*
 * newlib's locks (stdio, malloc, environment, exit handlers): recursive mutexes, one compare and
 * exchange when free. Whoever finds one taken gives up its turn until it is free. That is enough
 * while there is no thread library: threads of one program that run at different priorities must
 * not share newlib's objects.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/lock.h>

#include <iris/calls.h>

#include "libc.h"

struct __lock {
    uint32_t owner; /* thread block's address | 1 (a server may run without a block); 0: free */
    uint32_t depth; /* changed by the owner only */
};

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

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
    uint32_t self = (uint32_t)thread_block() | 1, seen = 0;
    if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != self &&
        !__atomic_compare_exchange_n(&lock->owner, &seen, self, 0, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
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
    while (!__retarget_lock_try_acquire_recursive(lock))
        iris_thread_switch(0);
}

void __retarget_lock_acquire(_LOCK_T lock) { __retarget_lock_acquire_recursive(lock); }

void __retarget_lock_release_recursive(_LOCK_T lock)
{
    if (--lock->depth == 0)
        __atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
}

void __retarget_lock_release(_LOCK_T lock) { __retarget_lock_release_recursive(lock); }

/* One lock for the port's own tables. */
static struct __lock own_lock;

void libc_lock(void) { __retarget_lock_acquire_recursive(&own_lock); }

void libc_unlock(void) { __retarget_lock_release_recursive(&own_lock); }
