/* SPDX-License-Identifier: MIT */
/*
 * Attack 43: the supervisor. A batch is a set of new cages, in which a number of calls is made, and
 * follows from its seed. While they still stand, and again when they are gone, the kernel audits
 * all its structures; then everything has to be back.
 */
#include <iris/summary.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/names.h>
#include <iris/sync.h>

#include "leftover.h"
#include "names.h"
#include "t_fuzz.h"
#include "twin.h"

IRIS_SUMMARY("attack: random kernel calls: [SEED] [BATCHES] [SECONDS]");

#define MS 1000000ull
#define PAGES_KEPT 8     /* kernel pages that the supervisor keeps for itself */
#define BATCH_STEPS 6000 /* of each thread */
#define CAGE_CALLS_MAX (10u * THREADS * BATCH_STEPS)
#define STANDSTILL (4 * MS)
#define ENOUGH 20 /* batches in which everything happens */

static struct cage memory[CAGES];

static struct {
    uint32_t space, port, portal, threads[THREADS]; /* slots; 0: none */
} cages[CAGES];

static uint32_t debug, seed, cage_pages;
static unsigned problems;
static uint64_t calls_made;
static uint32_t succeeded, happened; /* in all batches */

/* Calls that a cage cannot make with success: it has no such handle. */
#define IMPOSSIBLE                                                                                 \
    (1u << IRIS_CALL_THREAD_EXIT | 1u << IRIS_CALL_IRQ_BIND | 1u << IRIS_CALL_IRQ_ACK |            \
     1u << IRIS_CALL_IO_PERMIT | 1u << IRIS_CALL_TRACE_CONTROL | 1u << IRIS_CALL_KERNEL_LOG |      \
     1u << IRIS_CALL_KERNEL_INTERFACE)

/* ---- Cages ---- */

static bool give(unsigned c, uint32_t handle, uint32_t slot, uint32_t rights)
{
    return iris_handle_copy(handle, cages[c].space, slot, rights) == 0;
}

static bool map_all(uint32_t space, uint32_t from, uint32_t to, uint32_t flags)
{
    while (from < to) {
        (void)*(const volatile uint8_t *)from; /* it must be here before it can be mapped on */
        int done = iris_memory_map(space, from, 0, from, 1, flags);
        if (done < 0)
            return false;
        from += IRIS_PAGE_SIZE;
    }
    return true;
}

static bool make_space(unsigned c)
{
    uint32_t own = (uint32_t)&memory[c], after = own + sizeof memory[c];
    uint32_t first = (uint32_t)memory, last = (uint32_t)(memory + CAGES);
    uint32_t end = (twin_memory_end() + IRIS_PAGE_SIZE - 1) & -IRIS_PAGE_SIZE;
    /* Some have handlers: the port of the next one. */
    uint32_t handler = kit_random(&seed) % 2 ? cages[(c + 1) % CAGES].portal : 0;
    uint32_t exit = kit_random(&seed) % 2 ? cages[(c + 2) % CAGES].portal : 0;

    memset(&memory[c], 0, sizeof memory[c]);
    cages[c].space = kit_slot();
    return iris_space_create(cages[c].space, cage_pages, kit_priority() - 1, handler, handler,
                             exit) == 0 &&
           map_all(cages[c].space, twin_memory_begin(), first, 0) &&
           map_all(cages[c].space, own, after, IRIS_MAP_WRITE) &&
           map_all(cages[c].space, last, end, 0);
}

static bool fill(unsigned c)
{
    uint32_t own = IRIS_RIGHT_ALL & ~(kit_random(&seed) % 4 ? IRIS_RIGHT_DESTROY : 0);
    bool filled = give(c, cages[c].space, CAGE_SPACE, own) &&
                  give(c, cages[c].port, CAGE_PORT, IRIS_RIGHT_ALL) &&
                  give(c, cages[(c + 1) % CAGES].space, CAGE_SIBLING,
                       IRIS_RIGHT_INSPECT | IRIS_RIGHT_MAP | IRIS_RIGHT_COPY);

    for (unsigned i = 0; i < CAGES; i++)
        filled = filled && give(c, cages[i].portal, CAGE_PORTAL + i,
                                IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY);
    return filled;
}

static bool start_thread(unsigned c, unsigned t)
{
    struct fuzzer *f = &memory[c].threads[t];
    uint32_t handle = cages[c].threads[t] = kit_slot();
    struct iris_message m = {
        .tag = IRIS_TAG(IRIS_LABEL_START, 4),
        .word = {(uint32_t)fuzz, (uint32_t)(f->stack + sizeof f->stack), (uint32_t)&f->block},
    };

    *f = (struct fuzzer){.seed = kit_random(&seed) | 1,
                         .limit = BATCH_STEPS,
                         .priority = kit_priority() - 1,
                         .busy = t == 0,
                         .cage = &memory[c],
                         .done = &memory[c].done};
    f->block.utcb = (struct iris_utcb *)(IRIS_UTCB_BASE + t * IRIS_UTCB_SIZE);
    iris_utcb()->words[3] = (uint32_t)f;
    uint32_t rights = IRIS_RIGHT_ALL & ~(kit_random(&seed) % 4 ? IRIS_RIGHT_DESTROY : 0);
    return iris_thread_create(cages[c].space, handle, t, f->priority) == 0 &&
           give(c, handle, CAGE_THREAD + t, rights) && iris_ipc_call(handle, &m) == 0;
}

static bool make_ports(void)
{
    for (unsigned c = 0; c < CAGES; c++) {
        cages[c].port = kit_slot();
        cages[c].portal = kit_slot();
        if (iris_port_create(cages[c].port) < 0 ||
            iris_portal_create(cages[c].port, cages[c].portal, c + 1,
                               IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY, ~0u) < 0)
            return false;
    }
    return true;
}

static bool make(void)
{
    bool made = make_ports();

    cage_pages = (kit_pages_left() - PAGES_KEPT) / CAGES - 1;
    for (unsigned c = 0; made && c < CAGES; c++)
        made = make_space(c);
    for (unsigned c = 0; made && c < CAGES; c++)
        made = fill(c);
    for (unsigned c = 0; made && c < CAGES; c++) {
        iris_handle_close(cages[c].port); /* from now on the cage's alone: it may die */
        iris_slot_free(cages[c].port);
        cages[c].port = 0;
    }
    for (unsigned i = 0; made && i < CAGES * THREADS; i++)
        made = start_thread(i % CAGES, i / CAGES);
    return made;
}

/* Whatever the threads have destroyed, the rest goes here. */
static void clear(void)
{
    for (unsigned c = 0; c < CAGES; c++) {
        iris_object_destroy(cages[c].space);
        iris_object_destroy(cages[c].portal);
        for (unsigned t = 0; t < THREADS; t++)
            iris_handle_discard(cages[c].threads[t]);
        iris_handle_discard(cages[c].space);
        iris_handle_discard(cages[c].portal);
        iris_handle_discard(cages[c].port);
    }
    memset(cages, 0, sizeof cages);
}

/* ---- A batch ---- */

/* The cages may have written anything into their memory. */
static uint32_t calls_of(const struct cage *cage)
{
    uint32_t calls = __atomic_load_n(&cage->calls, __ATOMIC_RELAXED);
    return calls < CAGE_CALLS_MAX ? calls : CAGE_CALLS_MAX;
}

static uint32_t calls_so_far(void)
{
    uint32_t calls = 0;

    for (unsigned c = 0; c < CAGES; c++)
        calls += calls_of(&memory[c]);
    return calls;
}

/* Until all threads are through, or nothing happens any more: they may have killed each other, wait
   for each other, or run wild. */
static void watch(void)
{
    uint32_t last, calls = ~0u;

    do {
        last = calls;
        iris_word_sleep(&memory[0].done, memory[0].done, iris_clock_monotonic() + STANDSTILL);
        calls = calls_so_far();
    } while (calls != last);
    calls_made += calls;
    for (unsigned c = 0; c < CAGES; c++) {
        succeeded |= memory[c].succeeded;
        happened |= memory[c].happened;
    }
}

static struct audit_counts audit_now(uint32_t batch, const char *when)
{
    struct leftover found;

    if (!leftover_take(debug, &found)) {
        problems++;
        TEST_CHECK(false, "the audit of batch %" PRIu32 " %s", batch, when);
    }
    return found.audit;
}

static void run_batch(uint32_t batch, const struct audit_counts *before)
{
    seed = batch * 2654435761u + 1;
    if (!make()) {
        problems++;
        TEST_CHECK(false, "batch %" PRIu32 " cannot be made", batch);
    }
    watch();
    audit_now(batch, "while it stands");
    clear();
    if (!before)
        return;
    struct audit_counts after = audit_now(batch, "when it is gone");
    if (memcmp(before, &after, sizeof after) != 0) {
        problems++;
        TEST_CHECK(false,
                   "batch %" PRIu32 " leaves something: %d spaces, %d threads, %d ports, "
                   "%d portals, %d handles, %d mappings, %d kernel pages",
                   batch, (int)(after.spaces - before->spaces),
                   (int)(after.threads - before->threads), (int)(after.ports - before->ports),
                   (int)(after.portals - before->portals), (int)(after.handles - before->handles),
                   (int)(after.mappings - before->mappings),
                   (int)(after.kernel_pages - before->kernel_pages));
    }
}

static uint32_t number(int argc, char *argv[], int i, uint32_t usual)
{
    return i < argc ? (uint32_t)strtoul(argv[i], NULL, 0) : usual;
}

int main(int argc, char *argv[])
{
    uint32_t first = number(argc, argv, 1, 1), batches = number(argc, argv, 2, 20), done = 0;
    uint64_t seconds = number(argc, argv, 3, 3600);

    test_begin("t_fuzz");
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug), 0, "a way to audit");
    run_batch(first, NULL); /* what is made once is there now */
    struct audit_counts before = audit_now(first, "before the others");
    uint64_t begin = iris_clock_monotonic(), end = begin + seconds * 1000 * MS;
    calls_made = 0;
    while (done < batches && problems < 5 && iris_clock_monotonic() < end) {
        if (done % 16 == 0)
            printf("fuzz: batches from %" PRIu32 " on\n", first + done);
        run_batch(first + done++, &before);
    }
    uint64_t took = iris_clock_monotonic() - begin;
    TEST_EQUAL(problems, 0, "%" PRIu32 " batches", done);
    if (done >= ENOUGH) {
        TEST_EQUAL(~succeeded & ((1u << IRIS_CALL_COUNT) - 1) & ~IMPOSSIBLE, 0,
                   "each call was made with success (as bits: which not)");
        TEST_EQUAL(~happened & FUZZ_ALL, 0, "all kinds of messages were seen (bits: which not)");
    }
    test_metric("fuzz_calls", calls_made, "calls", "batches=%" PRIu32, done);
    test_metric("fuzz_rate", calls_made * 1000 / (took / MS + 1), "calls/s", "seed=%" PRIu32,
                first);
    iris_handle_discard(debug);
    return test_end();
}
