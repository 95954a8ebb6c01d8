/* SPDX-License-Identifier: MIT */
/* Many children, with files of several kinds; all counts are what they were before. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <iris/names.h>

#include "kernel_debug.h"
#include "kit.h"
#include "memory.h"
#include "names.h"
#include "t_spawn.h"

#define SETTLE_TRIES 500u
#define WARM_UP_TRIES 10u

struct state {
    struct audit_counts audit;
    uint32_t pages;
};

static bool take(uint32_t debug, struct state *state)
{
    struct memory_summary memory;
    bool passed = false;

    memset(state, 0, sizeof *state);
    if (kernel_debug_audit(debug, &passed, &state->audit) != 0 || !passed ||
        memory_summary(IRIS_SLOT_MEMORY, &memory) != 0)
        return false;
    state->audit.kernel_pages_free = 0; /* follows from the others */
    state->pages = memory.total_pages - memory.free_pages;
    return true;
}

/* Servers learn a little later that a client is gone; a leak stays. */
static bool settles(uint32_t debug, const struct state *before, struct state *after)
{
    for (unsigned i = 0; i < SETTLE_TRIES; i++) {
        if (take(debug, after) && memcmp(before, after, sizeof *before) == 0)
            return true;
        usleep(2000);
    }
    return false;
}

static void report(const struct audit_counts *before, const struct audit_counts *after)
{
    TEST_EQUAL(after->spaces, before->spaces, "spaces");
    TEST_EQUAL(after->threads, before->threads, "threads");
    TEST_EQUAL(after->ports, before->ports, "ports");
    TEST_EQUAL(after->portals, before->portals, "portals");
    TEST_EQUAL(after->handles, before->handles, "handles");
    TEST_EQUAL(after->mappings, before->mappings, "mappings");
    TEST_EQUAL(after->kernel_pages, before->kernel_pages, "kernel pages");
}

static unsigned run(unsigned count)
{
    unsigned good = 0;

    for (unsigned i = 0; i < count; i++)
        good += role_run("open", "", NULL, NULL) == 0x3f;
    return good;
}

/* Until a few children change nothing: servers, and we, touch some pages for the first time. */
static bool warm_up(uint32_t debug, struct state *state)
{
    struct state last;
    bool passed = take(debug, &last);

    for (unsigned i = 0; passed && i < WARM_UP_TRIES; i++) {
        run(5);
        usleep(100000);
        passed = take(debug, state);
        if (memcmp(&last, state, sizeof last) == 0)
            break;
        last = *state;
    }
    return passed;
}

void test_flat(unsigned count)
{
    static struct state before, after;
    uint32_t debug = 0;
    int file = open("/boot.conf", O_RDONLY), directory = open("/", O_RDONLY);

    dup2(file, 5);
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug), 0, "the kernel's counts");
    TEST_EQUAL(directory, 4, "two files and a directory are open");
    TEST_CHECK(warm_up(debug, &before), "the kernel's audit passes");
    TEST_EQUAL(run(count), count, "children that had those files");
    TEST_CHECK(settles(debug, &before, &after), "nothing stays behind");
    report(&before.audit, &after.audit);
    TEST_EQUAL(after.pages, before.pages, "pages of memory");
    close(file);
    close(directory);
    close(5);
}
