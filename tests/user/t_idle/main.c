/* SPDX-License-Identifier: MIT */
/*
 * Sleeps, and reports which threads of the system got time meanwhile. An idle driver must not:
 *
 *     t_idle [SECONDS]
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/object.h>
#include <iris/summary.h>
#include <iris/vdso.h>

#include "process.h"
#include "test.h"

IRIS_SUMMARY("test: who works while nothing happens: [SECONDS]");

#define THREADS 64

struct thread_time {
    char name[33];
    uint32_t id;
    uint64_t time;
};

static struct thread_time before[THREADS], after[THREADS];

static unsigned load_process(struct thread_time *times, unsigned count, uint32_t pid,
                             const char *name)
{
    struct iris_thread_info info;
    uint32_t cursor = 0, got = 0;

    while (count < THREADS &&
           process_inspect(IRIS_SLOT_PROCESS, pid, IRIS_INSPECT_THREADS, cursor, &info, sizeof info,
                           &got) == 0 &&
           got == 1) {
        times[count] = (struct thread_time){.id = info.id, .time = info.time};
        memcpy(times[count++].name, name, sizeof times->name);
        cursor = info.utcb_slot + 1;
    }
    return count;
}

static unsigned load(struct thread_time *times)
{
    struct process_info info;
    char name[33] = "";
    unsigned count = 0;

    for (uint32_t pid = 0; process_entry(IRIS_SLOT_PROCESS, pid, &info, name) == 0;
         pid = info.pid + 1)
        count = load_process(times, count, info.pid, name);
    return count;
}

/* Asking costs the servers asked a little of their own time, and us. */
static bool may_work(const char *name)
{
    return strcmp(name, "proc") == 0 || strcmp(name, "t_idle") == 0 || strcmp(name, "mem") == 0;
}

int main(int argc, char *argv[])
{
    unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10, drivers = 0;

    test_begin("idle");
    usleep(100000); /* what was printed until now leaves the line */
    load(before);   /* once for nothing: touches all it needs */
    unsigned count = load(before);
    uint64_t start = iris_clock_monotonic();
    sleep(seconds);
    uint64_t slept = iris_clock_monotonic() - start;
    TEST_EQUAL(load(after), count, "%u threads, the same as before", count);
    TEST_CHECK(slept >= seconds * 1000000000ull, "%u s have passed", seconds);
    for (unsigned i = 0; i < count; i++) {
        if (may_work(before[i].name))
            continue;
        TEST_CHECK(after[i].id == before[i].id && after[i].time == before[i].time,
                   "%s, thread %u: %u ns", before[i].name, (unsigned)before[i].id,
                   (unsigned)(after[i].time - before[i].time));
        drivers += strcmp(before[i].name, "uart") == 0;
    }
    TEST_EQUAL(drivers, 2, "uart is among them, with both of its threads");
    return test_end();
}
