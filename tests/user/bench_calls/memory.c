/* SPDX-License-Identifier: MIT */
/* Mapping and unmapping, and a page fault that a pager in another space resolves. */
#include "bench.h"

#define PAGES_MOST 256
#define FAULTS 400

static uint8_t source[PAGES_MOST * PAGE] __attribute__((aligned(PAGE)));
static unsigned wrong;

static void note(bool right) { wrong += !right; }

/* memory_map until all is mapped: an interrupt ends a call early. */
static void map(uint32_t space, uint32_t pages)
{
    uint32_t done = 0;

    while (done < pages) {
        int count = iris_memory_map(space, FAR + done * PAGE, 0, (uint32_t)source + done * PAGE,
                                    pages - done, IRIS_MAP_WRITE);
        if (count <= 0) {
            wrong++;
            return;
        }
        done += (uint32_t)count;
    }
}

static void unmap(uint32_t space, uint32_t pages)
{
    note(iris_memory_unmap(space, FAR, pages, IRIS_UNMAP_OWN) == 0);
}

static void map_unmap(const struct twin *twin, uint32_t pages)
{
    uint32_t space = twin->space;

    test_metric("map_unmap", BENCH_LEAST(, map(space, pages); unmap(space, pages), ),
                "instructions", "pages=%u part=total", (unsigned)pages);
    test_metric("map_unmap", BENCH_LEAST(, map(space, pages), unmap(space, pages)), "instructions",
                "pages=%u part=map", (unsigned)pages);
    test_metric("map_unmap", BENCH_LEAST(map(space, pages), unmap(space, pages), ), "instructions",
                "pages=%u part=unmap", (unsigned)pages);
}

/* ---- Page fault: from the access to its second try, by way of the pager ---- */

static volatile uint32_t fault_least;

static void touch_pages(void *unused)
{
    uint32_t least = ~0u;

    (void)unused;
    for (unsigned i = 0; i < FAULTS; i++) {
        volatile uint32_t *word = (volatile uint32_t *)(FAR + i * PAGE);
        uint32_t begin = bench_ticks();
        (void)*word;
        least = bench_least(bench_ticks() - begin, least);
    }
    fault_least = least;
}

/* The shortest pager: every page is the same one. Returns when the thread has ended. */
static void serve_faults(const struct twin *twin)
{
    struct iris_message m;
    int error = iris_ipc_wait(&m);

    while (error == 0 && iris_tag_label(m.tag) == IRIS_FAULT_PAGE) {
        iris_memory_map(twin->space, m.word[0] & -PAGE, 0, (uint32_t)source, 1, IRIS_MAP_WRITE);
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
    TEST_CHECK(error == 0 && iris_tag_label(m.tag) == IRIS_EVENT_EXIT &&
                   m.word[1] == IRIS_EXIT_RETURN,
               "all pages were touched");
}

static void page_fault(struct twin *twin)
{
    iris_port_bind(twin->port);
    if (TEST_EQUAL(twin_start(twin, 0, touch_pages, NULL), 0, "a thread without pages"))
        serve_faults(twin);
    iris_port_bind(0);
    test_metric("page_fault", fault_least - bench_ticks_cost(), "instructions", "spaces=2");
    bare_end(&twin->threads[0]);
}

void bench_memory(void)
{
    static struct twin twin;

    wrong = 0;
    for (unsigned i = 0; i < PAGES_MOST; i++)
        source[i * PAGE] = 1;
    if (!TEST_CHECK(twin_make(&twin, true), "another space"))
        return;
    page_fault(&twin);
    twin_free(&twin);
    if (!TEST_CHECK(twin_make(&twin, false), "another space"))
        return;
    map(twin.space, 1); /* the tables stay, with what else is in them */
    iris_memory_map(twin.space, FAR + PAGES_MOST * PAGE, 0, (uint32_t)source, 1, 0);
    unmap(twin.space, 1);
    map_unmap(&twin, 1);
    map_unmap(&twin, PAGES_MOST);
    twin_free(&twin);
    TEST_EQUAL(wrong, 0, "every call did what it should");
}
