/* SPDX-License-Identifier: MIT */
/*
 * Attack 28: uninitialised memory and registers. Canaries lie wherever something could be taken
 * along by mistake; none may be seen on the other side, nor any address of the kernel's.
 */
#include <string.h>

#include "memory.h"
#include "t_secrets.h"

#define PAGE IRIS_PAGE_SIZE
#define CANARY_MAIN 0xa5a50000u /* the low half counts */
#define CANARY_TWIN 0x5aa50000u
#define PAGES 8u
enum { TWIN_PORT = 20 };
enum { LABEL_ECHO = 1, LABEL_STOP };

static bool is_canary(uint32_t word, uint32_t canary) { return word >> 16 == canary >> 16; }

static struct twin twin;
static struct rig rig;

/* ---- The server, with canaries in its registers and its UTCB ---- */

static volatile uint32_t seen_words, seen_registers;

static void note_registers(const struct captured *c, volatile uint32_t *leaks, uint32_t canary)
{
    const uint32_t registers[] = {c->eax, c->ecx, c->edx, c->flags};

    for (unsigned i = 0; i < 4; i++)
        *leaks += is_canary(registers[i], canary) || registers[i] >= IRIS_USER_TOP;
}

static void set_words(uint32_t canary)
{
    for (unsigned i = 0; i < IRIS_WORDS_MAX; i++)
        iris_utcb()->words[i] = canary | i;
}

static uint32_t changed_beyond(unsigned words, uint32_t canary)
{
    uint32_t changed = 0;

    for (unsigned i = words < 3 ? 3 : words; i < IRIS_WORDS_MAX; i++)
        changed += iris_utcb()->words[i] != (canary | i);
    return changed;
}

static void serve(void *unused)
{
    struct captured c = {.eax = IRIS_IPC_WAIT, .tag = IRIS_TAG_NO_REPLY};

    (void)unused;
    if (iris_port_bind(TWIN_PORT) < 0)
        return;
    for (;;) {
        uint32_t label = 0;
        set_words(CANARY_TWIN);
        c.ecx = c.edx = CANARY_TWIN | 0xff;
        capture_ipc(&c);
        if (c.tag & IRIS_TAG_ERROR)
            return;
        label = iris_tag_label(c.tag);
        seen_words += changed_beyond(iris_tag_words(c.tag), CANARY_TWIN);
        c.eax = label == LABEL_ECHO ? c.eax & 0xff : 0; /* its badge: below 256 */
        note_registers(&c, &seen_registers, CANARY_MAIN);
        uint32_t words = iris_tag_words(c.tag);
        c = (struct captured){.eax = IRIS_IPC_WAIT, .tag = IRIS_TAG(0, words)};
        if (label == LABEL_STOP) {
            iris_utcb()->deadline = IRIS_DEADLINE_POLL;
            c.tag |= IRIS_TAG_DEADLINE;
        }
    }
}

/* ---- Messages ---- */

static void check_messages(void)
{
    volatile uint32_t registers = 0;
    uint32_t words_changed = 0, errors = 0;

    for (unsigned words = 0; words <= IRIS_WORDS_MAX; words++) {
        struct captured c = {.eax = rig.client, .tag = IRIS_TAG(LABEL_ECHO, words)};
        set_words(CANARY_MAIN);
        c.ecx = c.edx = CANARY_MAIN | 0xff;
        capture_ipc(&c);
        errors += (c.tag & IRIS_TAG_ERROR) != 0 || c.ebx || c.esi || c.edi;
        note_registers(&c, &registers, CANARY_TWIN);
        words_changed += changed_beyond(words, CANARY_MAIN);
    }
    TEST_EQUAL(errors, 0, "a call of each length, all registers watched");
    TEST_EQUAL(seen_words, 0, "the server's words beyond the count stay its own");
    TEST_EQUAL(seen_registers, 0, "its registers have nothing of the caller's");
    TEST_EQUAL(words_changed, 0, "the caller's words beyond the count stay its own");
    TEST_EQUAL(registers, 0, "its registers have nothing of the server's or the kernel's");
}

/* Errors, events and sends leave zeroes where the message was. */
static void check_others(void)
{
    struct captured c = {.eax = 0x7777,
                         .tag = IRIS_TAG(1, 3),
                         CANARY_MAIN,
                         CANARY_MAIN,
                         CANARY_MAIN,
                         CANARY_MAIN,
                         CANARY_MAIN};
    volatile uint32_t leaks = 0;

    capture_ipc(&c);
    TEST_CHECK(c.tag == (IRIS_TAG(EBADF, 0) | IRIS_TAG_ERROR) && !c.ebx && !c.esi && !c.edi,
               "a refused call comes back with zeroes");
    note_registers(&c, &leaks, CANARY_TWIN);
    iris_port_bind(rig.port);
    iris_notify(rig.client, 1);
    set_words(CANARY_MAIN);
    c = (struct captured){.eax = IRIS_IPC_WAIT, .tag = IRIS_TAG_NO_REPLY};
    capture_ipc(&c);
    TEST_CHECK(c.ebx == 1 && c.esi == 0 && c.edi == 0 && c.eax == 0,
               "an event has its bits and zeroes");
    TEST_EQUAL(changed_beyond(3, CANARY_MAIN), 0, "and no further words");
    note_registers(&c, &leaks, CANARY_TWIN);
    TEST_EQUAL(leaks, 0, "nothing of the kernel's in the other registers");
    iris_port_bind(0);
}

/* ---- New threads and spaces ---- */

static struct captured started;
static struct twin fresh; /* static: its threads' stacks are in it */

static bool returns(void (*function)(void *), void *argument)
{
    struct twin_end end = twin_run(&fresh, function, argument);
    return !end.hung && end.reason == IRIS_EXIT_RETURN;
}
static volatile uint32_t utcb_words;

static void dirty_utcb(void *unused)
{
    uint32_t *page = (uint32_t *)((uint32_t)iris_utcb() & -PAGE);

    (void)unused;
    for (unsigned i = 0; i < PAGE / 4; i++)
        page[i] = CANARY_TWIN | i;
}

/* The whole page of UTCBs, of which one is in use. */
static void count_utcb(void *unused)
{
    const struct iris_utcb *utcb = iris_utcb();
    const uint32_t *page = (const uint32_t *)((uint32_t)utcb & -PAGE);
    uint32_t count = 0;

    (void)unused;
    for (unsigned i = 0; i < PAGE / 4; i++)
        count += page[i] != 0 && &page[i] != &utcb->slot && &page[i] != &utcb->thread;
    utcb_words = count;
}

static void check_new_threads(void)
{
    unsigned words = 0, leaks = 0, made = 0;

    for (unsigned i = 0; i < 4; i++) {
        volatile uint32_t odd = 0;
        utcb_words = ~0u;
        made += twin_make(&fresh, true);
        made += returns(count_utcb, NULL);
        words += utcb_words;
        made += returns(dirty_utcb, NULL);
        memset(&started, 0xff, sizeof started);
        made += returns(capture_start, &started);
        started.eax = started.ebx = 0; /* function and argument */
        note_registers(&started, &odd, CANARY_TWIN);
        leaks += odd + (started.esi >= IRIS_USER_TOP) + (started.edi >= IRIS_USER_TOP) +
                 (started.tag >= IRIS_USER_TOP);
        twin_free(&fresh);
    }
    TEST_EQUAL(made, 16, "spaces and threads, one after another");
    TEST_EQUAL(words, 0, "a new UTCB is empty but for its own numbers");
    TEST_EQUAL(leaks, 0, "a new thread's registers tell nothing");
}

static void check_pages(void)
{
    unsigned found = 0, errors = 0;

    for (unsigned round = 0; round < 6; round++) {
        uint32_t memory = 0;
        if (memory_allocate(IRIS_SLOT_MEMORY, PAGES * PAGE, MEMORY_WRITE, &memory) != 0) {
            errors++;
            continue;
        }
        for (unsigned i = 0; i < PAGES * PAGE / 4; i++) {
            found += ((uint32_t *)memory)[i] != 0;
            ((uint32_t *)memory)[i] = CANARY_MAIN | (i & 0xffff);
        }
        errors += memory_release(IRIS_SLOT_MEMORY, memory, PAGES * PAGE) != 0;
    }
    TEST_EQUAL(errors, 0, "%u pages, filled and given back, again and again", PAGES);
    TEST_EQUAL(found, 0, "are zero each time");
}

void test_canaries(void)
{
    seen_words = seen_registers = 0;
    bool ready = twin_make(&twin, true) && rig_make(&rig, 77, 1) &&
                 twin_give(&twin, rig.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
                 twin_start(&twin, 0, serve, NULL) == 0 &&
                 kit_wait_state(twin.space, 0, IRIS_THREAD_WAITING);
    if (!TEST_CHECK(ready, "a server with canaries in its registers and its UTCB"))
        return;
    check_messages();
    struct iris_message m = {.tag = IRIS_TAG(LABEL_STOP, 0)};
    TEST_EQUAL(iris_ipc_call(rig.client, &m), 0, "the server stops");
    TEST_CHECK(!twin_wait(&twin).hung, "and ends");
    check_others();
    twin_free(&twin);
    rig_free(&rig);
    check_new_threads();
    check_pages();
}
