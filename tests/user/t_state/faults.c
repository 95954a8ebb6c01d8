/* SPDX-License-Identifier: MIT */
/* Faulting threads born again, exceptions repaired by writing registers, and faults of those who
   handle faults: rows 26, 32 and 34. */
#include <string.h>

#include "t_state.h"

#define PAGE IRIS_PAGE_SIZE

static struct twin twin;
static struct iris_state state;
static uint8_t data[4 * PAGE] __attribute__((aligned(PAGE)));
static volatile uint32_t sum;

/* The next message that is no exit event. */
static bool receive(struct iris_message *m, uint32_t label)
{
    do {
        if (iris_ipc_wait_until(m, kit_soon(KIT_PATIENCE)) < 0)
            return false;
    } while (iris_tag_label(m->tag) == IRIS_EVENT_EXIT);
    return iris_tag_label(m->tag) == label;
}

static bool reborn_twin(void)
{
    bool made = reborn(&twin.threads[0], twin.space, 0, &state);
    twin.ids[0] = kit_object(twin.threads[0].handle, NULL);
    return made;
}

static bool ends_well(void)
{
    struct twin_end end = twin_wait(&twin);
    bare_end(&twin.threads[0]);
    twin.ids[0] = 0;
    return !end.hung && end.reason == IRIS_EXIT_RETURN;
}

/* ---- Born again while it faults ---- */

static void read_all(void *unused)
{
    uint32_t total = 0;

    (void)unused;
    for (unsigned i = 0; i < sizeof data; i += PAGE)
        total += ((volatile uint8_t *)data)[i];
    sum = total;
}

static void check_queued_fault(void)
{
    unsigned wrong = 0;

    sum = 0;
    twin_start(&twin, 0, read_all, NULL);
    for (unsigned i = 0; i < 4; i++) {
        wrong += !kit_wait_state(twin.space, 0, IRIS_THREAD_QUEUED);
        wrong += !reborn_twin();
    }
    TEST_EQUAL(wrong, 0, "born again while its fault is queued at the pager");
    TEST_CHECK(ends_well() && sum == 10, "it faults once more, and reads what it should");
}

static void check_received_fault(void)
{
    struct iris_message m;
    unsigned wrong = 0;

    iris_memory_unmap(0, (uint32_t)data, 4, 0);
    sum = 0;
    twin_start(&twin, 0, read_all, NULL);
    iris_port_bind(twin.port);
    for (unsigned i = 0; i < 4; i++) {
        wrong += !receive(&m, IRIS_FAULT_PAGE);
        wrong += !reborn_twin();
        wrong += state.registers.state != IRIS_THREAD_CALLING;
        wrong += state.registers.ip != m.word[1];
    }
    TEST_EQUAL(wrong, 0, "born again while its pager is at work");
    TEST_CHECK(ends_well() && sum == 10, "it faults once more, and reads what it should");
}

static void check_halted_fault(void)
{
    struct iris_message m;
    uint32_t halted = IRIS_STATE_HALT;

    iris_memory_unmap(0, (uint32_t)data, 4, 0);
    sum = 0;
    twin_start(&twin, 0, read_all, NULL);
    iris_port_bind(twin.port);
    TEST_CHECK(receive(&m, IRIS_FAULT_PAGE), "a fault is received");
    exchange(&twin.threads[0], halted, NULL);
    m = (struct iris_message){.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    TEST_CHECK(kit_wait_state(twin.space, 0, IRIS_THREAD_HALTED), "halted when it is answered");
    exchange(&twin.threads[0], IRIS_STATE_RESUME, NULL);
    TEST_CHECK(ends_well() && sum == 10, "resumed it goes on");
}

/* ---- An exception repaired ---- */

/* UD2, then returns what EBX was made. */
static void undefined(void *unused)
{
    uint32_t ebx = 1;

    (void)unused;
    __asm__ volatile("ud2" : "+b"(ebx));
    sum = ebx;
}

/* A debugger: skips the instruction and changes a register; the thread's fault is withdrawn. */
static bool repair(struct twin *which, const struct iris_exception *exception)
{
    const uint32_t stop = IRIS_STATE_CANCEL | IRIS_STATE_HALT;

    (void)exception;
    exchange(&which->threads[0], IRIS_STATE_READ, &state);
    TEST_EQUAL(exchange(&which->threads[0], IRIS_STATE_REGISTERS | IRIS_STATE_HALT, &state), -EBUSY,
               "a fault that is served keeps its registers");
    state.registers.ip += 2;
    state.registers.ebx = 1234;
    TEST_EQUAL(exchange(&which->threads[0], stop | IRIS_STATE_REGISTERS, &state), 0,
               "until it is cancelled");
    TEST_EQUAL(exchange(&which->threads[0], IRIS_STATE_RESUME, NULL), 0, "then it goes on");
    return true;
}

static void check_repair(void)
{
    twin.judge = repair;
    sum = 0;
    twin_start(&twin, 0, undefined, NULL);
    TEST_CHECK(ends_well(), "an undefined instruction is skipped");
    TEST_EQUAL(sum, 1234, "with another register");
    twin.judge = NULL;
    struct twin_end end = twin_run(&twin, undefined, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_FAULT && end.code == 6,
               "unrepaired it ends the thread");
}

/* ---- Faults of those who handle faults ---- */

enum { HANDLER_PORT = 20 };
static volatile uint32_t handled, handler_runs;

static void read_nothing(void *unused)
{
    (void)unused;
    sum = *(volatile uint32_t *)0x60000000;
}

/* Serves the faults of its own space: at the first one it faults itself. */
static void handle_badly(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(HANDLER_PORT);
    handler_runs = 1;
    iris_ipc_wait(&m);
    handled++;
    read_nothing(NULL);
}

static void innocent(void *rounds)
{
    for (uint32_t i = 0; i < (uint32_t)rounds; i++)
        iris_thread_switch(0);
}

static bool exit_event(uint32_t *id, uint32_t *reason, uint32_t *code)
{
    struct iris_message m;
    if (iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) < 0 ||
        iris_tag_label(m.tag) != IRIS_EVENT_EXIT)
        return false;
    *id = m.word[0];
    *reason = m.word[1];
    *code = m.word[2];
    return true;
}

static bool map_program(uint32_t space)
{
    int mapped = 1;

    for (uint32_t page = twin_memory_begin(); page < twin_memory_end() && mapped == 1;
         page += PAGE) {
        (void)*(const volatile uint8_t *)page;
        mapped = iris_memory_map(space, page, 0, page, 1, IRIS_MAP_WRITE);
        if (mapped == -EPERM)
            mapped = iris_memory_map(space, page, 0, page, 1, 0);
    }
    return mapped == 1;
}

/* A space whose threads are their own pagers and handlers; `exits` alone is ours. */
static void check_second_fault(void)
{
    static struct bare handler, faulter, other;
    struct rig faults, exits;
    uint32_t space = kit_slot(), id = 0, reason = 0, code = 0, handler_id, faulter_id;

    rig_make(&faults, 1, 0);
    rig_make(&exits, 2, 0);
    TEST_EQUAL(
        iris_space_create(space, 32, kit_priority(), faults.client, faults.client, exits.client), 0,
        "a space that handles its own faults");
    TEST_CHECK(map_program(space), "shows this program");
    iris_handle_copy(faults.port, space, HANDLER_PORT, IRIS_RIGHT_RECEIVE);
    handled = handler_runs = 0;
    bare_run(&handler, space, 0, handle_badly, NULL);
    handler_id = kit_object(handler.handle, NULL);
    TEST_CHECK(kit_wait_state(space, 0, IRIS_THREAD_WAITING), "its handler waits");
    bare_run(&other, space, 2, innocent, (void *)200);
    bare_run(&faulter, space, 1, read_nothing, NULL);
    faulter_id = kit_object(faulter.handle, NULL);
    iris_port_bind(exits.port);
    TEST_CHECK(exit_event(&id, &reason, &code) && id == handler_id && reason == IRIS_EXIT_FAULT &&
                   code == 14,
               "a fault in the handler of a fault ends the handler");
    TEST_EQUAL(handled, 1, "who had received one");
    iris_object_destroy(faults.port); /* nobody would ever come back to it */
    TEST_CHECK(exit_event(&id, &reason, &code) && id == faulter_id && reason == IRIS_EXIT_FAULT,
               "the death of its port ends the first one");
    TEST_CHECK(exit_event(&id, &reason, &code) && reason == IRIS_EXIT_RETURN,
               "the third thread of that space ends in peace");
    kit_audit("after a second fault");
    iris_port_bind(0);
    bare_end(&handler);
    bare_end(&faulter);
    bare_end(&other);
    iris_object_destroy(space);
    iris_handle_discard(space);
    rig_free(&faults);
    rig_free(&exits);
}

/* The handler's thread dies with the fault in its hands; another serves the next try. */
static void check_handler_dies(void)
{
    static struct bare handler, faulter;
    struct rig faults, exits;
    struct iris_message m;
    uint32_t space = kit_slot(), id = 0, reason = 0, code = 0;

    rig_make(&faults, 1, 0);
    rig_make(&exits, 2, 0);
    iris_space_create(space, 32, kit_priority(), faults.client, faults.client, exits.client);
    map_program(space);
    iris_handle_copy(faults.port, space, HANDLER_PORT, IRIS_RIGHT_RECEIVE);
    bare_run(&faulter, space, 1, read_nothing, NULL);
    iris_port_bind(faults.port);
    TEST_CHECK(receive(&m, IRIS_FAULT_PAGE) && m.word[0] == 0x60000000, "a fault is received");
    iris_port_bind(0);
    iris_port_bind(faults.port); /* it still has its caller: who unbinds keeps it */
    m = (struct iris_message){.tag = IRIS_TAG(EFAULT, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = kit_soon(KIT_PATIENCE);
    TEST_CHECK(iris_ipc_reply_and_wait(&m) == 0 && iris_tag_label(m.tag) == IRIS_FAULT_EXCEPTION,
               "refused, it becomes an exception at the same port");
    iris_port_bind(exits.port);
    iris_object_destroy(faults.port);
    TEST_CHECK(exit_event(&id, &reason, &code) && reason == IRIS_EXIT_FAULT && code == 14,
               "its handler's port destroyed while it is served: it ends");
    iris_port_bind(0);
    bare_end(&handler);
    bare_end(&faulter);
    iris_object_destroy(space);
    iris_handle_discard(space);
    rig_free(&faults);
    rig_free(&exits);
}

void test_faults(void)
{
    for (unsigned i = 0; i < 4; i++)
        data[i * PAGE] = (uint8_t)(i + 1);
    if (!TEST_CHECK(twin_make(&twin, false), "another space, paged from here"))
        return;
    check_queued_fault();
    check_received_fault();
    check_halted_fault();
    iris_port_bind(0);
    check_repair();
    twin_free(&twin);
    check_second_fault();
    check_handler_dies();
}
