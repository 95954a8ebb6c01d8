/* SPDX-License-Identifier: MIT */
/* Data page, vDSO, and calls without kernel entry: rows 13, 14 and 40. */
#include <iris/summary.h>

#include <stdlib.h>
#include <string.h>

#include <iris/events.h>
#include <iris/names.h>
#include <iris/system.h>

#include "kernel_debug.h"
#include "names.h"
#include "t_page.h"
#include "twin.h"

IRIS_SUMMARY("test: the data page, the vDSO's symbols, and what needs no kernel entry");

uint32_t auxiliary(char *const environment[], uint32_t type)
{
    while (*environment)
        environment++;
    const struct iris_auxv_entry *entry = (const void *)(environment + 1);
    for (; entry->type != IRIS_AT_NULL; entry++)
        if (entry->type == type)
            return entry->value;
    return 0;
}

/* ---- Row 13 ---- */

static void write_page(void *address) { *(volatile uint32_t *)address = 1; }

static void check_write(const char *what, uint32_t address)
{
    static struct twin twin;

    twin_make(&twin, false);
    struct twin_end end = twin_run(&twin, write_page, (void *)address);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_FAULT && end.last.vector == 14 &&
                   end.last.address == address && end.last.error & IRIS_FAULT_WRITE,
               "writing %s is a page fault", what);
    twin_free(&twin);
}

static void check_clock(void)
{
    uint64_t last = iris_clock_monotonic(), backwards = 0;

    for (unsigned i = 0; i < 1000; i++) {
        uint64_t now = iris_clock_monotonic();
        backwards += now < last;
        last = now;
    }
    TEST_EQUAL(backwards, 0, "the clock never goes backwards");
    uint64_t end = iris_clock_monotonic() + 2000000;
    unsigned reads = 0;
    while (iris_clock_monotonic() < end && reads < 100000000)
        reads++;
    TEST_CHECK(iris_clock_monotonic() >= end, "and goes on by itself");
    TEST_CHECK(iris_clock_realtime() > 1577836800ull * 1000000000, "the date is after 2019");
}

void test_data_page(void)
{
    const volatile struct iris_data_page *page = iris_data_page();

    TEST_EQUAL((uint32_t)iris_kernel_interface(), IRIS_DATA_PAGE, "kernel_interface tells where");
    TEST_EQUAL(page->magic, IRIS_DATA_MAGIC, "magic");
    TEST_EQUAL(page->abi_version, IRIS_ABI_VERSION, "ABI version");
    TEST_CHECK(page->size >= 128 && page->size <= IRIS_PAGE_SIZE, "size %u", (unsigned)page->size);
    TEST_EQUAL(page->page_size, IRIS_PAGE_SIZE, "page size");
    TEST_EQUAL(page->vdso_base, IRIS_VDSO_BASE, "where the vDSO is");
    TEST_CHECK(page->tsc_khz > 0 && page->tsc_mult > 0, "a calibrated clock");
    TEST_CHECK(page->memory_pages > 0 && page->kernel_pages > 0, "a memory summary");
    TEST_CHECK(strncmp(iris_version_string(), "0.", 2) == 0, "a version");
    TEST_EQUAL(iris_features(), page->features, "features");
    TEST_EQUAL(iris_page_size(), IRIS_PAGE_SIZE, "page size, asked the vDSO");
    TEST_EQUAL(iris_processors(), page->processors, "processors");
    check_clock();
    check_write("the data page", IRIS_DATA_PAGE);
    check_write("the thread pointer", IRIS_THREAD_POINTER_WORD);
    check_write("the vDSO", IRIS_VDSO_BASE + 0x40);
}

/* ---- Row 40 ---- */

static struct iris_trace_record records[256];
static uint32_t debug;

/* The calls of this thread that the trace holds; all of it is taken out. -1: it cannot be read. */
static int own_kernel_calls(void)
{
    uint32_t own = iris_thread_id(), count = 0;
    int calls = 0;

    do {
        if (kernel_debug_trace_read(debug, records, sizeof records, &count) < 0)
            return -1;
        for (uint32_t i = 0; i < count; i++)
            calls += records[i].thread == own && records[i].event == IRIS_TRACE_EVENT_SYSCALL;
    } while (count > 0);
    return calls;
}

static int trace_of(void (*work)(void))
{
    own_kernel_calls();
    if (kernel_debug_trace(debug, true) < 0)
        return -1;
    work();
    kernel_debug_trace(debug, false);
    return own_kernel_calls();
}

static void work_without_kernel(void)
{
    volatile uint64_t sink = 0;

    for (unsigned i = 0; i < 500; i++)
        sink += iris_clock_monotonic() + iris_clock_realtime() + iris_thread_id() +
                iris_page_size() + iris_features() + iris_processors() +
                (uint32_t)iris_version_string();
}

static void work_with_kernel(void)
{
    for (unsigned i = 0; i < 5; i++)
        iris_thread_switch(0);
}

void test_no_entry(void)
{
    memset(records, 0, sizeof records); /* the pages are there: nobody has to call twice */
    if (!TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug), 0,
                    "the kernel's trace is found"))
        return;
    uint32_t features = iris_features();
    /* Looking at the trace costs the thread the same number of calls each time. */
    int none = trace_of(work_without_kernel), some = trace_of(work_with_kernel);
    TEST_CHECK(none >= 0 && some == none + 5, "five calls are seen in the trace (%d and %d)", none,
               some);
    TEST_EQUAL(none, 0, "3,500 calls of clock, ids and facts are not");
    TEST_EQUAL(iris_features(), features, "after the trace the fast path is as before");
    iris_handle_discard(debug);
}

int main(int argc, char *argv[], char *environment[])
{
    (void)argc;
    (void)argv;
    test_begin("t_page");
    test_data_page();
    test_symbols((const uint8_t *)auxiliary(environment, IRIS_AT_SYSINFO_EHDR));
    test_no_entry();
    return test_end();
}
