/* SPDX-License-Identifier: MIT */
/*
 * A 32-bit Linux program bound to iris-vdso.so.1 by DT_NEEDED, with a data page of its own making
 * at IRIS_DATA_PAGE. tests/tools/test_vdso.py runs it: the vDSO is a plain ELF object, so whatever
 * does not enter the kernel can be tried here, and gdb can step through the rest.
 *
 *   vdso_host clock MULT SHIFT NS_BASE BOOT  prints TSC, clock_monotonic, TSC, clock_realtime, TSC
 *   vdso_host scale TICKS MULT SHIFT         prints clock_scale
 *   vdso_host rewind                         clock_read, the counter behind its base or wrapped
 *   vdso_host torn                           a writer and a reader under the sequence lock
 *   vdso_host facts                          page size, features, processors, version, thread id
 *   vdso_host step                           calls every function once, for gdb to step through
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/datapage.h>
#include <iris/ipc.h>
#include <iris/vdso.h>

#include "../../vdso/clock.h"

static struct iris_data_page *page = (struct iris_data_page *)IRIS_DATA_PAGE;

static void page_make(void)
{
    void *at = mmap(page, IRIS_PAGE_SIZE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (at != (void *)page) {
        perror("mmap of the data page");
        exit(2);
    }
    page->magic = IRIS_DATA_MAGIC;
    page->page_size = 4096;
    page->features = 0x5a;
    page->processors = 3;
    page->tsc_mult = 1;
    strcpy(page->version, "0.1.0 of the test");
}

static uint64_t tsc(void) { return __builtin_ia32_rdtsc(); }

static uint64_t tsc_42(void) { return 42; }

static int run_clock(char **arg)
{
    page->tsc_mult = strtoul(arg[0], 0, 0);
    page->tsc_shift = strtoul(arg[1], 0, 0);
    page->ns_base = strtoull(arg[2], 0, 0);
    page->boot_time = strtoull(arg[3], 0, 0);
    page->tsc_base = tsc();
    usleep(1000);
    uint64_t t0 = tsc() - page->tsc_base;
    uint64_t monotonic = iris_clock_monotonic();
    uint64_t t1 = tsc() - page->tsc_base;
    uint64_t realtime = iris_clock_realtime();
    uint64_t t2 = tsc() - page->tsc_base;
    printf("%llu %llu %llu %llu %llu\n", t0, monotonic, t1, realtime, t2);
    return 0;
}

static int run_rewind(void)
{
    page->tsc_base = 1000;
    page->ns_base = 77;
    page->boot_time = 5;
    struct clock_reading behind = clock_read(page, tsc_42);
    page->tsc_base = 40;
    struct clock_reading after = clock_read(page, tsc_42);
    page->tsc_base = 0ull - 8; /* the counter has wrapped since */
    struct clock_reading wrapped = clock_read(page, tsc_42);
    printf("%llu %llu %llu %llu\n", behind.monotonic, after.monotonic, behind.boot_time,
           wrapped.monotonic);
    return 0;
}

static volatile int done;

/* With mult 0 the clock shows ns_base, whose halves are always equal unless a read was torn. */
static void *writer(void *unused)
{
    (void)unused;
    volatile struct iris_data_page *p = page;
    for (uint32_t k = 1; !done; k++) {
        p->sequence++;
        p->ns_base = (uint64_t)k << 32;
        p->ns_base |= k;
        p->sequence++;
    }
    return 0;
}

static int run_torn(void)
{
    pthread_t thread;
    uint32_t torn = 0, distinct = 0;
    uint64_t last = 0;
    page->tsc_mult = 0;
    pthread_create(&thread, 0, writer, 0);
    for (int i = 0; i < 2000000; i++) {
        uint64_t now = iris_clock_monotonic();
        torn += (uint32_t)(now >> 32) != (uint32_t)now;
        distinct += now != last;
        last = now;
    }
    done = 1;
    pthread_join(thread, 0);
    printf("%u %u\n", torn, distinct);
    return 0;
}

/* %gs is this C library's own; it is lent to the thread pointer of an Iris thread for one call. */
static uint32_t thread_id_of(struct iris_utcb *utcb)
{
    struct iris_utcb *tp[1] = {utcb};
    struct iris_utcb **gs_word[1] = {tp};
    struct user_desc segment = {
        .entry_number = -1u,
        .base_addr = (unsigned)gs_word,
        .limit = 0xfffff,
        .seg_32bit = 1,
        .limit_in_pages = 1,
        .useable = 1,
    };
    if (syscall(SYS_set_thread_area, &segment))
        return 0;
    uint32_t id, old, new = segment.entry_number * 8 + 3;
    __asm__ volatile("mov %%gs, %1\n\tmov %2, %%gs\n\tcall *%3\n\tmov %1, %%gs"
                     : "=&a"(id), "=&S"(old)
                     : "D"(new), "b"(iris_thread_id)
                     : "ecx", "edx", "memory", "cc");
    return id;
}

static int run_facts(void)
{
    struct iris_utcb utcb = {.thread = 4711};
    printf("%u %u %u %u %s\n", iris_page_size(), iris_features(), iris_processors(),
           thread_id_of(&utcb), iris_version_string());
    return 0;
}

/* ---- for gdb: `caller` and `caller_ipc` are the frames that must be found from every step ---- */

typedef int (*any_call)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);

__attribute__((noinline)) int caller(any_call function)
{
    int result = function(0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6);
    __asm__ volatile("" ::: "memory");
    return result;
}

__attribute__((noinline)) int caller_ipc(void)
{
    struct iris_message m = {.tag = 0x11, .word = {0x12, 0x13, 0x14}};
    int result = iris_ipc_call(0x10, &m);
    __asm__ volatile("" ::: "memory");
    return result + (int)m.badge;
}

/* The same without a frame pointer: its frame is found by ESP, past the pushed EBP. */
__attribute__((noinline, optimize("omit-frame-pointer"))) int caller_ipc_lean(void)
{
    struct iris_message m = {.tag = 0x11, .word = {0x12, 0x13, 0x14}};
    int result = iris_ipc_call(0x10, &m);
    __asm__ volatile("" ::: "memory");
    return result + (int)m.badge;
}

__attribute__((noinline)) int thread_function(uint32_t argument)
{
    /* psABI i386 2.2.2: ESP + 4 is a multiple of 16 at the entry, so EBP is 8 beyond one here. */
    uint32_t frame = (uint32_t)__builtin_frame_address(0);
    return frame % 16 == 8 ? (int)argument + 1 : -1;
}

any_call the_functions[] = {
#define ROW(name) (any_call)(void (*)(void)) iris_##name,
#include "vdso_functions.h" /* made by the test from abi.json */
};

__attribute__((noinline)) static int run_step(void)
{
    for (unsigned i = 0; i < sizeof(the_functions) / sizeof(*the_functions); i++)
        caller(the_functions[i]);
    caller_ipc();
    caller_ipc_lean();
    return 0;
}

int main(int argc, char **argv)
{
    page_make();
    const char *mode = argc > 1 ? argv[1] : "";
    if (!strcmp(mode, "clock") && argc == 6)
        return run_clock(argv + 2);
    if (!strcmp(mode, "scale") && argc == 5)
        return printf("%llu\n", clock_scale(strtoull(argv[2], 0, 0), strtoul(argv[3], 0, 0),
                                            strtoul(argv[4], 0, 0))) < 0;
    if (!strcmp(mode, "rewind"))
        return run_rewind();
    if (!strcmp(mode, "torn"))
        return run_torn();
    if (!strcmp(mode, "facts"))
        return run_facts();
    if (!strcmp(mode, "step"))
        return run_step();
    fprintf(stderr, "vdso_host: bad arguments\n");
    return 2;
}
