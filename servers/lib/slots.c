/* SPDX-License-Identifier: MIT */
#include "slots.h"

#include <iris/calls.h>
#include <iris/error.h>
#include <iris/layout.h>
#include <iris/object.h>

/*
 * One bit a slot, set: in use. The bitmap lies in zeroed memory that is given page by page, so it
 * grows as the program needs more slots. Words change by atomic operations only: no lock.
 */
#define WORD_BITS 32u
#define WORDS (IRIS_HANDLE_LIMIT / WORD_BITS)

static uint32_t used[WORDS];
static uint32_t hint; /* first word that may have a free bit; only a guess */

/* The well-known slots are never free, though no bit says so. */
static uint32_t never_free(uint32_t word) { return word == 0 ? (1u << IRIS_SLOT_FREE) - 1 : 0; }

/*
 * IPC never allocates: a handle that comes by message, and a caller that is kept, need a table page
 * that exists already. A kernel call that makes a handle brings it, so the first slot given out of
 * each group is filled once. Table pages stay while the space lives.
 */
#define GROUP_SLOTS 64u /* no more than a table page holds */

static uint32_t backed[IRIS_HANDLE_LIMIT / GROUP_SLOTS / WORD_BITS];

static int back(uint32_t slot)
{
    uint32_t group = slot / GROUP_SLOTS, bit = 1u << group % WORD_BITS;
    uint32_t *word = &backed[group / WORD_BITS];

    if (group == 0 || __atomic_load_n(word, __ATOMIC_RELAXED) & bit)
        return 0;
    int status = iris_port_create(slot);
    if (status < 0)
        return status;
    iris_handle_close(slot);
    __atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
    return 0;
}

static int reserve(void)
{
    uint32_t start = __atomic_load_n(&hint, __ATOMIC_RELAXED);

    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t word = (start + i) % WORDS;
        uint32_t seen = __atomic_load_n(&used[word], __ATOMIC_RELAXED);
        uint32_t taken;
        while ((taken = seen | never_free(word)) != UINT32_MAX) {
            uint32_t bit = (uint32_t)__builtin_ctz(~taken);
            if (!__atomic_compare_exchange_n(&used[word], &seen, seen | 1u << bit, 0,
                                             __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                continue; /* another thread was quicker: `seen` is what it left */
            __atomic_store_n(&hint, word, __ATOMIC_RELAXED);
            return (int)(word * WORD_BITS + bit);
        }
    }
    return -ENOMEM;
}

int iris_slot_alloc(void)
{
    int slot = reserve();
    if (slot < 0)
        return slot;
    int status = back((uint32_t)slot);
    if (status < 0) {
        iris_slot_free((uint32_t)slot);
        return status;
    }
    return slot;
}

void iris_slot_free(uint32_t slot)
{
    if (slot < IRIS_SLOT_FREE || slot >= IRIS_HANDLE_LIMIT)
        return;
    uint32_t word = slot / WORD_BITS;
    __atomic_fetch_and(&used[word], ~(1u << slot % WORD_BITS), __ATOMIC_RELEASE);
    if (word < __atomic_load_n(&hint, __ATOMIC_RELAXED))
        __atomic_store_n(&hint, word, __ATOMIC_RELAXED);
}

void iris_slot_take(uint32_t slot)
{
    __atomic_fetch_or(&used[slot / WORD_BITS], 1u << slot % WORD_BITS, __ATOMIC_RELAXED);
}

void iris_slot_reserve_below(uint32_t first)
{
    for (uint32_t slot = 0; slot < first && slot < IRIS_HANDLE_LIMIT; slot++)
        iris_slot_take(slot);
}

void iris_handle_discard(uint32_t slot)
{
    if (slot == 0)
        return;
    iris_handle_close(slot);
    iris_slot_free(slot);
}

unsigned iris_slots_used(void)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < WORDS; i++)
        count += (unsigned)__builtin_popcount(__atomic_load_n(&used[i], __ATOMIC_RELAXED));
    return count;
}
