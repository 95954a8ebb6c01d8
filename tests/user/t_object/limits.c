/* SPDX-License-Identifier: MIT */
/* Quotas: what is promised can be used, what cannot be used is refused, and all of it comes back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"
#include "t_object.h"

#define OBJECTS_MOST 64u

static bool same(const struct memory_usage *a, const struct memory_usage *b)
{
    return a->resident_pages == b->resident_pages && a->reserved_pages == b->reserved_pages &&
           a->region_pages == b->region_pages;
}

/* ---- Objects ---- */

static void check_many_objects(void)
{
    struct memory_usage before = usage();
    uint32_t objects[OBJECTS_MOST], count = 0;
    int error = 0;

    while (count < OBJECTS_MOST &&
           (error = memory_object_create(IRIS_SLOT_MEMORY, PAGE, &objects[count])) == 0)
        count++;
    TEST_CHECK(error == -ENOMEM && count >= 16, "after %u objects there are no more",
               (unsigned)count);
    kit_audit("with as many objects as one may have");
    iris_handle_discard(objects[--count]);
    TEST_EQUAL(memory_object_create(IRIS_SLOT_MEMORY, PAGE, &objects[count]), 0,
               "one less, and there is one again");
    for (uint32_t i = 0; i <= count; i++)
        iris_handle_discard(objects[i]);
    struct memory_usage after = usage();
    TEST_CHECK(same(&before, &after), "their handles closed, all are gone");
}

static void check_large_object(void)
{
    struct memory_usage before = usage();
    uint32_t object, whole = before.quota_pages * PAGE;

    TEST_EQUAL(memory_object_create(IRIS_SLOT_MEMORY, 0, &object), -EINVAL, "an object of nothing");
    TEST_EQUAL(memory_object_create(IRIS_SLOT_MEMORY, whole, &object), -ENOMEM,
               "one as large as the quota");
    TEST_EQUAL(memory_object_create(IRIS_SLOT_MEMORY, 0xffffffff, &object), -EINVAL,
               "one larger than all");
    TEST_EQUAL(memory_object_create(IRIS_SLOT_MEMORY, whole / 2, &object), 0, "one of half of it");
    uint32_t other, at;
    TEST_EQUAL(memory_object_create(IRIS_SLOT_MEMORY, whole / 2, &other), -ENOMEM, "and no second");
    TEST_EQUAL(
        memory_map(IRIS_SLOT_MEMORY, object, FAR, 0, whole / 2, MEMORY_WRITE | MEMORY_PRIVATE, &at),
        -ENOMEM, "nor a private view of it, whose copies would be too many");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, FAR, 0, whole / 2, MEMORY_WRITE, &at), 0,
               "a shared one costs nothing");
    iris_handle_discard(object);
    memory_release(IRIS_SLOT_MEMORY, FAR, whole / 2);
    struct memory_usage after = usage();
    TEST_CHECK(same(&before, &after), "afterwards the quota is free again");
}

void test_limits(void)
{
    check_many_objects();
    check_large_object();
}

/* ---- Idle zeroing, row 48 ---- */

static struct memory_summary summary(void)
{
    struct memory_summary now = {0};

    memory_summary(IRIS_SLOT_MEMORY, &now);
    return now;
}

static void idle_for(uint32_t milliseconds)
{
    struct iris_message m;
    struct rig rig;

    rig_make(&rig, 1, 0);
    iris_port_bind(rig.port);
    iris_ipc_wait_until(&m, kit_soon(milliseconds)); /* nobody calls */
    iris_port_bind(0);
    rig_free(&rig);
}

/* Until the pool does not grow any more; how large it is then. */
static uint32_t idle_until_full(void)
{
    uint32_t last = UINT32_MAX, now = summary().zeroed_pages;

    for (unsigned i = 0; i < 100 && now != last; i++) {
        last = now;
        idle_for(20);
        now = summary().zeroed_pages;
    }
    return now;
}

/* The time that mem's idle thread has used, by process and thread; 0: not found. */
static uint64_t idle_thread_time(void)
{
    struct process_info info;
    struct iris_thread_info threads[4];
    uint32_t count = 0;
    char name[33];

    for (uint32_t pid = 1; process_entry(IRIS_SLOT_PROCESS, pid, &info, name) == 0;
         pid = info.pid + 1)
        if (strcmp(name, "mem") == 0 &&
            process_inspect(IRIS_SLOT_PROCESS, info.pid, IRIS_INSPECT_THREADS, 1, threads,
                            sizeof threads, &count) == 0 &&
            count == 1)
            return threads[0].priority == 0 ? threads[0].time : 0;
    return 0;
}

static void check_blocked_when_full(uint32_t full)
{
    uint64_t before = idle_thread_time();

    idle_for(100);
    TEST_CHECK(before > 0 && idle_thread_time() == before,
               "while the pool is full, its thread uses no time");
    TEST_EQUAL(summary().zeroed_pages, full, "and the pool stays as it is");
}

/* Dirties more pages than the pool has, so that it has to be filled with those. */
static void check_fresh_pages(uint32_t full)
{
    uint32_t pages = full * 2, at = 0, low, nonzero = 0;

    if (!TEST_EQUAL(memory_allocate(IRIS_SLOT_MEMORY, pages * PAGE, MEMORY_WRITE, &at), 0,
                    "%u pages", (unsigned)pages))
        return;
    for (uint32_t page = 0; page < pages; page++)
        memset((void *)(at + page * PAGE), 0x5a, PAGE);
    low = summary().zeroed_pages;
    TEST_CHECK(low < full / 2, "taken at once, they empty the pool (%u left)", (unsigned)low);
    memory_release(IRIS_SLOT_MEMORY, at, pages * PAGE);
    TEST_CHECK(idle_until_full() >= full, "given back full of rubbish; idle, the pool fills again");
    memory_allocate(IRIS_SLOT_MEMORY, pages * PAGE, MEMORY_WRITE, &at);
    for (uint32_t page = 0; page < pages; page++)
        for (uint32_t i = 0; i < PAGE / 4; i++)
            nonzero += ((volatile uint32_t *)(at + page * PAGE))[i] != 0;
    TEST_EQUAL(nonzero, 0, "every fresh page is zero");
    memory_release(IRIS_SLOT_MEMORY, at, pages * PAGE);
}

void test_idle(void)
{
    struct memory_summary before = summary();
    uint32_t full = idle_until_full();

    TEST_CHECK(full >= 100 && full < before.total_pages / 8, "idle, the pool grows to %u pages",
               (unsigned)full);
    check_blocked_when_full(full);
    check_fresh_pages(full);
    TEST_EQUAL(summary().free_pages, before.free_pages, "what is being zeroed counts as free");
    test_metric("zeroed_pool", full, "pages", "memory=%u", (unsigned)before.total_pages);
}

/* ---- Memory pressure ---- */

/* A list through all pieces: each is written from end to end. */
static void *take_all(size_t piece, uint32_t *count)
{
    void **last = NULL;

    for (void **p; (p = malloc(piece)) != NULL; last = p, ++*count) {
        memset(p, 0xa5, piece);
        *p = last;
    }
    return last;
}

static void free_all(void **last)
{
    while (last != NULL) {
        void **next = *last;
        free(last);
        last = next;
    }
}

void test_heap(void)
{
    struct memory_usage before = usage();
    uint32_t count = 0, again = 0, at;

    errno = 0;
    void *all = take_all(60000, &count);
    TEST_EQUAL(errno, ENOMEM, "malloc until there is no more: ENOMEM");
    struct memory_usage now = usage();
    TEST_CHECK(now.resident_pages > now.quota_pages * 3 / 4 && now.reserved_pages < 32,
               "with %u of %u pages of the quota in use", (unsigned)now.resident_pages,
               (unsigned)now.quota_pages);
    errno = 0;
    void *more = malloc(1 << 20);
    TEST_CHECK(more == NULL && errno == ENOMEM, "asked again: the same");
    free(more);
    TEST_EQUAL(memory_allocate(IRIS_SLOT_MEMORY, 256 * PAGE, MEMORY_WRITE, &at), -ENOMEM,
               "so says the memory service");
    free_all(all);
    all = take_all(60000, &again);
    TEST_CHECK(again >= count - 1, "freed, as much can be had again (%u of %u)", (unsigned)again,
               (unsigned)count);
    free_all(all);
    TEST_EQUAL(memory_allocate(IRIS_SLOT_MEMORY, PAGE, 64, &at), -EINVAL, "unknown flags");
    TEST_EQUAL(memory_allocate_at(IRIS_SLOT_MEMORY, 0, PAGE, MEMORY_WRITE), -EINVAL, "address 0");
    TEST_EQUAL(memory_allocate_at(IRIS_SLOT_MEMORY, IRIS_PROGRAM_BASE, PAGE, MEMORY_WRITE), -EEXIST,
               "over one's own program");
    TEST_EQUAL(memory_allocate_at(IRIS_SLOT_MEMORY, IRIS_WINDOW - PAGE, 2 * PAGE, MEMORY_WRITE),
               -EINVAL, "into the kernel's window");
    TEST_CHECK(usage().quota_pages == before.quota_pages, "the quota is what it was");
}
