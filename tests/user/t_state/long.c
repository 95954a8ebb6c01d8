/* SPDX-License-Identifier: MIT */
/* Row 42: born again in the middle of a call that works in steps. */
#include <string.h>

#include "t_state.h"

#define PAGE IRIS_PAGE_SIZE
#define FAR 0x60000000u
#define SOURCE_PAGES 32u
#define COPIES 24u
#define PAGES (SOURCE_PAGES * COPIES)

static struct bare subject;
static struct iris_state state;
static uint8_t source[SOURCE_PAGES * PAGE] __attribute__((aligned(PAGE)));
static volatile uint32_t done;
static volatile int result;

static uint32_t mappings(void) { return kit_space(0).mappings; }

static bool map_all(void)
{
    memset(source, 1, sizeof source);
    for (uint32_t page = 0; page < PAGES; page++)
        if (iris_memory_map(0, FAR + page * PAGE, 0, (uint32_t)source + page % SOURCE_PAGES * PAGE,
                            1, IRIS_MAP_WRITE) != 1)
            return false;
    return true;
}

static void unmap_far(void *unused)
{
    (void)unused;
    result = iris_memory_unmap(0, FAR, PAGES, IRIS_UNMAP_OWN);
    done = 1;
}

static void unmap_source(void *unused)
{
    (void)unused;
    result = iris_memory_unmap(0, (uint32_t)source, SOURCE_PAGES, 0);
    done = 1;
}

/* Is the thread about to execute that very call (again)? */
static bool is_in_call(uint32_t number)
{
    return exchange(&subject, IRIS_STATE_READ, &state) == 0 &&
           state.registers.state == IRIS_THREAD_READY && state.registers.eax == number &&
           *(const volatile uint8_t *)state.registers.ip == 0xcd;
}

/* Lets the subject, which has a lower priority, run a little. */
static void pass(uint32_t microseconds)
{
    struct iris_message m;
    iris_ipc_wait_until(&m, iris_clock_monotonic() + microseconds * 1000ull);
}

/* How often it was caught half-way. */
static unsigned catch (void (*work)(void *), uint32_t number, uint32_t mapped, uint32_t wanted,
                       unsigned *wrong)
{
    unsigned caught = 0;

    done = 0;
    result = 1;
    bare_create(&subject, 0, UTCB_SUBJECT);
    iris_thread_schedule(subject.handle, kit_priority() - 1, 0, 0, 0, 0);
    bare_start(&subject, work, NULL);
    while (!done) {
        pass(50);
        uint32_t now = mappings();
        if (done || now <= wanted || now >= mapped || !is_in_call(number))
            continue;
        *wrong += !reborn(&subject, 0, 0, &state);
        iris_thread_schedule(subject.handle, kit_priority() - 1, 0, 0, 0, 0);
        caught++;
    }
    *wrong += result != 0 || mappings() != wanted;
    bare_end(&subject);
    return caught;
}

static void check_call(void (*work)(void *), const char *what)
{
    unsigned caught = 0, wrong = 0, rounds = 0;
    uint32_t before;

    map_all(); /* what is made once is made */
    iris_memory_unmap(0, FAR, PAGES, IRIS_UNMAP_OWN);
    before = mappings();
    while (caught < 3 && rounds++ < 100) {
        wrong += !map_all();
        caught += catch (work, IRIS_CALL_MEMORY_UNMAP, mappings(), before, &wrong);
    }
    TEST_CHECK(caught >= 3, "%s: stopped half-way, %u times in %u calls", what, caught, rounds);
    TEST_EQUAL(wrong, 0, "and finished as if it had not been");
}

void test_long_calls(void)
{
    struct rig rig;

    rig_make(&rig, 1, 0);
    iris_port_bind(rig.port);
    check_call(unmap_far, "a long unmap");
    check_call(unmap_source, "a long revocation");
    iris_port_bind(0);
    rig_free(&rig);
}
