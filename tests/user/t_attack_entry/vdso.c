/* SPDX-License-Identifier: MIT */
/* Attack 29: the vDSO written, unmapped, mapped over, and entered where no function begins. And
   threads that are started with hostile registers, or whose UTCB is full of garbage. */
#include "entry.h"

#include <string.h>

#include <iris/system.h>

static volatile int results[8];

static void try_to_change(void *unused)
{
    uint32_t own = (uint32_t)&results & -IRIS_PAGE_SIZE;

    (void)unused;
    results[0] = iris_memory_unmap(0, IRIS_VDSO_BASE, 1, IRIS_UNMAP_OWN);
    results[1] = iris_memory_unmap(0, IRIS_VDSO_BASE, 1, IRIS_UNMAP_PROTECT);
    results[2] = iris_memory_map(0, IRIS_VDSO_BASE, 0, own, 1, IRIS_MAP_WRITE);
    results[3] = iris_memory_map(0, IRIS_VDSO_BASE, 0, own, 1, IRIS_MAP_GRANT | IRIS_MAP_WRITE);
    results[4] = iris_memory_unmap(0, IRIS_DATA_PAGE, 1, IRIS_UNMAP_OWN);
    results[5] = iris_memory_map(0, IRIS_DATA_PAGE, 0, own, 1, IRIS_MAP_WRITE);
    results[6] = iris_memory_map(0, IRIS_UTCB_BASE, 0, own, 1, IRIS_MAP_WRITE);
    results[7] = iris_memory_unmap(0, IRIS_UTCB_BASE, 1, IRIS_UNMAP_OWN);
}

static void check_changes(void)
{
    struct twin_end end = twin_run(&arena, try_to_change, NULL);
    unsigned refused = 0;

    for (unsigned i = 0; i < 8; i++)
        refused += results[i] == -EINVAL;
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && refused == 8,
               "8 ways to change the window are refused");
}

static void write_byte(void *address) { *(volatile uint8_t *)address = 0xcc; }

static uint32_t sum_of(uint32_t address, uint32_t size)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < size; i += 4)
        sum = sum * 31 + *(const uint32_t *)(address + i);
    return sum;
}

static void check_writes(uint32_t size)
{
    unsigned wrong = 0, tried = 0;

    for (uint32_t at = 0; at < size; at += 509, tried++) {
        struct twin_end end = twin_run(&arena, write_byte, (void *)(IRIS_VDSO_BASE + at));
        wrong += end.hung || end.reason != IRIS_EXIT_FAULT || end.code != 14;
    }
    TEST_EQUAL(wrong, 0, "%u writes all over the vDSO: page faults", tried);
}

/* Wherever it lands: it ends, or runs in circles alone until it is destroyed. */
static void check_jumps(uint32_t size, unsigned stride)
{
    unsigned tried = 0, faults = 0, returns = 0, circles = 0;

    arena.judge = NULL;
    arena.patience = 20;
    for (uint32_t at = 0; at < size; at += stride, tried++) {
        struct twin_end end = twin_run(&arena, jump_garbage, (void *)(IRIS_VDSO_BASE + at));
        if (end.hung)
            circles++;
        else if (end.reason == IRIS_EXIT_FAULT)
            faults++;
        else
            returns++;
    }
    arena.patience = 0;
    TEST_CHECK(tried == faults + returns + circles && faults > 0,
               "%u jumps into its middle: %u faults, %u returns, %u circles", tried, faults,
               returns, circles);
}

void test_vdso(unsigned stride)
{
    uint32_t size = iris_data_page()->vdso_size;

    if (!TEST_CHECK(size > 256 && size <= IRIS_VDSO_PAGES_MAX * IRIS_PAGE_SIZE,
                    "its size is known"))
        return;
    uint32_t sum = sum_of(IRIS_VDSO_BASE, size);
    check_changes();
    check_writes(size);
    check_jumps(size, stride);
    TEST_EQUAL(sum_of(IRIS_VDSO_BASE, size), sum, "its contents are what they were");
}

/* ---- START with hostile registers ---- */

static void nothing(void *unused) { (void)unused; }

static struct twin_end start_with(uint32_t ip, uint32_t sp, uint32_t pointer)
{
    struct bare *thread = &arena.threads[0];
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_START, 4), .word = {ip, sp, pointer}};
    struct twin_end end = {.hung = true};

    if (twin_create(&arena, 0) < 0)
        return end;
    iris_utcb()->words[3] = 0xffffffff;
    if (iris_ipc_call(thread->handle, &m) == 0)
        end = twin_wait(&arena);
    bare_end(thread);
    return end;
}

void test_start(void)
{
    static const uint32_t bad[] = {0,          1,          0x60000001, IRIS_USER_TOP,
                                   0xc0100000, 0xfffffffc, 0xffffffff};
    uint32_t good_sp = (uint32_t)arena.threads[0].stack + BARE_STACK;
    unsigned wrong = 0, tried = 0;

    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct twin_end end = start_with(bad[i], good_sp, 0);
        wrong += end.hung || end.reason != IRIS_EXIT_FAULT || end.code != 14;
        end = start_with((uint32_t)nothing, bad[i], 0);
        wrong += end.hung || end.reason != IRIS_EXIT_FAULT || end.code != 14;
        end = start_with((uint32_t)nothing, good_sp, bad[i]);
        wrong += end.hung || end.reason != IRIS_EXIT_RETURN;
        tried += 3;
    }
    TEST_EQUAL(wrong, 0, "%u STARTs with a bad IP, SP or thread pointer hurt that thread alone",
               tried);
}

/* ---- A UTCB full of garbage ---- */

static volatile unsigned accepted;

static void scribble(void *seed)
{
    static const uint32_t tags[] = {
        IRIS_TAG_FULL(1, 64, 4, 4),
        IRIS_TAG_FULL(1, 64, 0, 4),
        IRIS_TAG_FULL(1, 3, 4, 0) | IRIS_TAG_DEADLINE,
        IRIS_TAG(1, 64) | IRIS_TAG_DEADLINE,
        IRIS_TAG_FULL(0, 64, 4, 4) | IRIS_TAG_NO_REPLY,
    };
    struct iris_utcb *utcb = iris_utcb();
    uint32_t random = (uint32_t)seed;

    for (unsigned i = 0; i < sizeof tags / sizeof *tags; i++) {
        struct iris_message m = {.tag = tags[i]};
        for (unsigned k = 0; k < sizeof *utcb / 4; k++)
            ((volatile uint32_t *)utcb)[k] = kit_random(&random);
        utcb->deadline = i & 1 ? ~0ull : kit_random(&random);
        if (iris_ipc_call(TWIN_PARTNER, &m) == 0 && iris_tag_handles(m.tag) > 0)
            accepted++;
    }
}

void test_utcb(void)
{
    unsigned wrong = 0;

    accepted = 0;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        struct twin_end end = twin_run(&arena, scribble, (void *)seed);
        wrong += end.hung || end.reason != IRIS_EXIT_RETURN;
    }
    TEST_EQUAL(wrong, 0, "threads with UTCBs full of garbage call and are told their errors");
    TEST_EQUAL(accepted, 0, "no handle was made of garbage");
}
