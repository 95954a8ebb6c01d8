/* SPDX-License-Identifier: MIT */
/*
 * Attack 42: whatever a call allocates, the nth kernel page is refused, for every n until the call
 * needs no more. Each try has a space of its own, whose tables and pages of small objects are not
 * there yet. A call that fails for want of a page has done nothing; without the refusal it
 * succeeds.
 */
#include <iris/summary.h>

#include <string.h>

#include <iris/names.h>
#include <iris/sync.h>

#include "kernel_debug.h"
#include "names.h"
#include "twin.h"

IRIS_SUMMARY("attack: the nth kernel page is refused, for every n, in every call");

#define FAR 0x60000000u
#define CLIENT_RIGHTS (IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY)
#define TRIES_MAX 16 /* no call takes so many pages */

/* Slots in the twin's table; HIGH ones lie in pages of the table that are not there yet. */
enum { SPACE = 16, CHILD, PORT, PORTAL, HIGH = 1024, HIGHER = 2048 };

static struct twin twin;
static uint32_t debug;

/* ---- The calls, as the twin makes them ---- */

static int make_ports(void) /* more than fit into one page */
{
    for (uint32_t i = 0; i < 31; i++) {
        int error = iris_port_create(HIGH + i);
        if (error < 0) {
            while (i-- > 0)
                iris_handle_close(HIGH + i);
            return error;
        }
    }
    return 0;
}
static int make_portal(void)
{
    return iris_portal_create(PORT, HIGH, 1, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
}
static int make_space(void) { return iris_space_create(HIGH, 8, 1, 0, 0, 0); }
static int make_space_with_portals(void)
{
    return iris_space_create(HIGH, 8, 1, PORTAL, PORTAL, PORTAL);
}
static int make_thread(void) { return iris_thread_create(0, HIGH, 800, 1); }
static int make_thread_in_child(void) { return iris_thread_create(CHILD, HIGH, 0, 1); }
static int copy_handle(void) { return iris_handle_copy(PORT, 0, HIGH, IRIS_RIGHT_ALL); }
static int move_handle(void) { return iris_handle_copy(PORT, 0, HIGH, IRIS_RIGHT_ALL | IRIS_MOVE); }
static int copy_to_child(void) { return iris_handle_copy(PORT, CHILD, HIGH, IRIS_RIGHT_ALL); }
static int map_here(void) { return iris_memory_map(0, FAR, 0, twin_memory_begin(), 1, 0); }
/* Stops after the first page, if the second table is refused, or an interrupt waits: then it takes
   two calls, and the second may be the one that is refused. */
static int map_two_tables(void)
{
    int done = iris_memory_map(0, FAR - IRIS_PAGE_SIZE, 0, twin_memory_begin(), 2, 0);

    if (done == 1)
        done = iris_memory_map(0, FAR, 0, twin_memory_begin() + IRIS_PAGE_SIZE, 1, 0);
    if (done < 0)
        iris_memory_unmap(0, FAR - IRIS_PAGE_SIZE, 1, IRIS_UNMAP_OWN);
    return done;
}
static int map_to_child(void) { return iris_memory_map(CHILD, FAR, 0, twin_memory_begin(), 1, 0); }
static int fund(void) { return iris_space_fund(CHILD, 1); }
static int inspect(void)
{
    struct iris_space_info info;
    return iris_space_inspect(CHILD, IRIS_INSPECT_SPACE, 0, &info, 1);
}
static int identify(void)
{
    struct iris_handle_info info;
    return iris_handle_identify(PORTAL, PORT, &info);
}
static int tell(void) { return iris_notify(PORTAL, 1); }
static int unmap(void) { return iris_memory_unmap(0, twin_memory_begin(), 1, 0); }
static int destroy_child(void) { return iris_object_destroy(CHILD); }
static int destroy_port(void) { return iris_object_destroy(PORT); }
static int close_handle(void) { return iris_handle_close(PORT); }
static int schedule(void) { return iris_thread_switch(0); }
static int bind(void) { return iris_port_bind(PORT); }
static int wait_word(void)
{
    static uint32_t word;
    struct iris_word wanted = {(uint32_t)&word, 0};
    int result = iris_word_wait(&wanted, 1, 0, 0);
    return result == -ETIMEDOUT ? iris_word_wake(&word, 1) : result;
}
static int call_and_keep(void) /* IPC takes no page: a table that is not there is an error itself */
{
    struct iris_message m = {.tag = IRIS_TAG_NO_REPLY | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_utcb()->receive_slots[0] = HIGHER;
    iris_port_bind(PORT);
    iris_ipc_raw(IRIS_IPC_WAIT, &m);
    return iris_ipc_keep(HIGHER) == -ENOENT ? 0 : -EIO;
}

static const struct attempt {
    const char *name;
    int (*run)(void);
    unsigned pages; /* it allocates at least so many */
} attempts[] = {
    {"port_create", make_ports, 2},
    {"portal_create", make_portal, 1},
    {"space_create", make_space, 4},
    {"space_create with portals", make_space_with_portals, 4},
    {"thread_create", make_thread, 3},
    {"thread_create in a child", make_thread_in_child, 3},
    {"handle_copy", copy_handle, 1},
    {"handle_copy, moving", move_handle, 1},
    {"handle_copy to a child", copy_to_child, 1},
    {"memory_map", map_here, 2},
    {"memory_map over two tables", map_two_tables, 4},
    {"memory_map to a child", map_to_child, 3},
    {"space_fund", fund, 0},
    {"space_inspect", inspect, 0},
    {"handle_identify", identify, 0},
    {"notify", tell, 0},
    {"memory_unmap", unmap, 0},
    {"object_destroy on a space", destroy_child, 0},
    {"object_destroy on a port", destroy_port, 0},
    {"handle_close", close_handle, 0},
    {"thread_switch", schedule, 0},
    {"port_bind", bind, 0},
    {"word_wait and word_wake", wait_word, 0},
    {"IPC", call_and_keep, 0},
};

/* ---- The twin's side: prepare, wait for the gate, call, and once more ---- */

static volatile struct {
    const struct attempt *attempt;
    int prepared, first, second;
    uint32_t stage; /* 1: prepared, 2: go, 3: done, 4: go once more, 5: done */
} run;

static void stage_set(uint32_t stage)
{
    run.stage = stage;
    iris_word_rouse_all((const uint32_t *)&run.stage);
}

static bool stage_wait(uint32_t stage)
{
    uint64_t end = kit_soon(KIT_PATIENCE);
    uint32_t seen;

    while ((seen = run.stage) != stage)
        if (iris_word_sleep((const uint32_t *)&run.stage, seen, end) == -ETIMEDOUT)
            return false;
    return true;
}

static void act(void *unused)
{
    (void)unused;
    run.prepared = iris_space_create(CHILD, 8, 1, 0, 0, 0) | iris_port_create(PORT) |
                   iris_portal_create(PORT, PORTAL, 1, CLIENT_RIGHTS, 1);
    stage_set(1);
    stage_wait(2);
    run.first = run.attempt->run();
    stage_set(3);
    stage_wait(4);
    run.second = run.first < 0 ? run.attempt->run() : 0;
    stage_set(5);
    stage_wait(6);
}

/* ---- Our side ---- */

static bool same(const struct iris_space_info *a, const struct iris_space_info *b)
{
    /* Pages of the handle table may have come: they stay. */
    return a->handles == b->handles && a->threads == b->threads && a->mappings == b->mappings &&
           a->children == b->children && b->pages_used <= a->pages_used + 1;
}

/* Returns whether page n was asked for; *wrong counts what must not be. */
static bool refuse(const struct attempt *attempt, uint32_t n, unsigned *wrong)
{
    struct iris_space_info before, after;
    uint32_t left = 0;

    memset((void *)&run, 0, sizeof run);
    run.attempt = attempt;
    if (!twin_make(&twin, true) || twin_start(&twin, 0, act, NULL) < 0 || !stage_wait(1) ||
        run.prepared != 0) {
        *wrong += 1000;
        twin_free(&twin);
        return false;
    }
    before = kit_space(twin.space);
    *wrong += kernel_debug_refuse_page(debug, before.id, n, &left) != 0;
    stage_set(2);
    *wrong += !stage_wait(3);
    *wrong += kernel_debug_refuse_page(debug, 0, 0, &left) != 0;
    after = kit_space(twin.space);
    bool struck = left == 0;
    if (!struck)
        *wrong += run.first < 0;
    else if (run.first != -ENOMEM) /* only who works in steps may have got something done */
        *wrong += run.first < 0 || attempt->run != map_two_tables;
    if (run.first < 0)
        *wrong += !same(&before, &after);
    stage_set(4);
    *wrong += !stage_wait(5);
    *wrong += run.second < 0;
    twin_free(&twin);
    return struck;
}

static void try_attempt(const struct attempt *attempt)
{
    struct iris_space_info before = kit_space(0), after;
    unsigned wrong = 0, n = 1;

    while (n <= TRIES_MAX && refuse(attempt, n, &wrong))
        n++;
    after = kit_space(0);
    TEST_CHECK(wrong == 0 && n - 1 >= attempt->pages && n <= TRIES_MAX,
               "%s: %u pages refused, one by one; %u mistakes", attempt->name, n - 1, wrong);
    TEST_CHECK(before.handles == after.handles && before.pages_used == after.pages_used &&
                   before.children == after.children && before.mappings == after.mappings &&
                   before.pages_limit == after.pages_limit,
               "nothing is left of it");
}

int main(void)
{
    uint32_t left;

    test_begin("t_refuse");
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug), 0, "a way to ask for it");
    unsigned wrong = 0;
    refuse(&attempts[0], 1000, &wrong); /* what is made once is there now */
    for (unsigned i = 0; i < sizeof attempts / sizeof *attempts; i++)
        try_attempt(&attempts[i]);
    kit_audit("after all that");
    kernel_debug_refuse_page(debug, 0, 0, &left);
    iris_handle_discard(debug);
    return test_end();
}
