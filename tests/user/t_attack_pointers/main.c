/* SPDX-License-Identifier: MIT */
/*
 * Attack 1: every call, every pointer of it, every bad value. Which calls have pointers is taken
 * from the one list of calls; a new one without a sample below fails the test.
 */
#include <iris/summary.h>

#include <string.h>

#include <iris/arguments.h>

#include "twin.h"
#include "victim.h"

IRIS_SUMMARY("attack: bad pointers in every argument of every call");

#define PAGE IRIS_PAGE_SIZE
#define FAR 0x60000000u
#define UTCB_CLIENT (BARE_UTCB_FIRST + 1)
#define ARGUMENTS 6

typedef int call_function(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);

static const struct call {
    uint32_t number;
    const char *name;
    bool noreturn, pending;
    uint8_t kind[ARGUMENTS]; /* enum iris_argument_kind */
    void *stub;
} calls[] = {
#define CALL(number, name, noreturn, pending, ...)                                                 \
    {number, #name, noreturn, pending, {__VA_ARGS__}, (void *)iris_##name},
    IRIS_CALL_ARGUMENTS(CALL)
#undef CALL
};

/* Arguments with which the call would succeed, if it got a good pointer (or, `refused`, would not
   get as far as that, because ordinary programs do not hold what it takes). */
struct sample {
    uint32_t number;
    int refused;
    uint32_t arguments[ARGUMENTS];
    uint32_t bytes; /* what it reads or writes at the pointer */
};

static uint8_t buffer[2 * PAGE] __attribute__((aligned(PAGE)));
static const uint32_t readable_buffer = 0; /* number of the caller's buffer for ipc_copy */
static const uint32_t writable_buffer = 1 | IRIS_COPY_OUT;

static const struct sample samples[] = {
    {IRIS_CALL_HANDLE_IDENTIFY, 0, {IRIS_SLOT_SPACE, 0, 0}, sizeof(struct iris_handle_info)},
    {IRIS_CALL_HANDLE_IDENTIFY, 0, {IRIS_SLOT_THREAD, 0, 0}, sizeof(struct iris_handle_info)},
    {IRIS_CALL_SPACE_INSPECT, 0, {0, IRIS_INSPECT_SPACE, 0, 0, 1}, sizeof(struct iris_space_info)},
    {IRIS_CALL_SPACE_INSPECT,
     0,
     {IRIS_SLOT_SPACE, IRIS_INSPECT_HANDLES, 0, 0, 2},
     2 * sizeof(struct iris_handle_info)},
    {IRIS_CALL_SPACE_INSPECT,
     0,
     {0, IRIS_INSPECT_THREADS, 0, 0, 1},
     sizeof(struct iris_thread_info)},
    {IRIS_CALL_SPACE_INSPECT,
     0,
     {0, IRIS_INSPECT_MAPPINGS, IRIS_PROGRAM_BASE / PAGE, 0, 0xffffffff},
     4 * sizeof(struct iris_mapping_info)}, /* one call does a few, however many are asked for, and
                                               fewer if it had to look for the first */
    {IRIS_CALL_IPC_COPY, 0, {0, readable_buffer, 0, 0, 64}, 64},
    {IRIS_CALL_IPC_COPY, 0, {0, writable_buffer, 0, 0, 64}, 64},
    {IRIS_CALL_THREAD_EXCHANGE_REGISTERS,
     0,
     {IRIS_SLOT_THREAD, IRIS_STATE_READ, 0},
     sizeof(struct iris_state)},
    {IRIS_CALL_WORD_WAIT, 0, {0, 1}, sizeof(struct iris_word)},
    {IRIS_CALL_WORD_WAKE, 0, {0, 1}, 4},
    {IRIS_CALL_TRACE_CONTROL, -EBADF, {IRIS_SLOT_SPACE, IRIS_TRACE_READ, 0, 1}, 32},
    {IRIS_CALL_KERNEL_LOG, -EBADF, {IRIS_SLOT_SPACE, IRIS_LOG_READ, 0, 16}, 16},
    {IRIS_CALL_KERNEL_LOG, -EBADF, {IRIS_SLOT_SPACE, IRIS_LOG_WRITE, 0, 0xffffffff}, 16},
};

/* ---- Bad pointers ---- */

enum { ALWAYS, WRITING, READING };

static const struct bad {
    const char *what;
    uint32_t address; /* for a straddling one: where the good part ends */
    int when;
    bool straddles;
} bad_pointers[] = {
    {"0", 0, ALWAYS, false},
    {"1", 1, ALWAYS, false},
    {"unmapped", FAR + 16 * PAGE, ALWAYS, false},
    {"read-only code", IRIS_PROGRAM_BASE + 64, WRITING, false},
    {"the vDSO", IRIS_VDSO_BASE, WRITING, false},
    {"the data page", IRIS_DATA_PAGE, WRITING, false},
    {"the thread pointer", IRIS_THREAD_POINTER_WORD, WRITING, false},
    {"a UTCB that does not exist", IRIS_UTCB_BASE + 900 * PAGE, ALWAYS, false},
    {"the kernel's first byte", IRIS_USER_TOP, ALWAYS, false},
    {"the kernel's code", IRIS_USER_TOP + 0x100000, ALWAYS, false},
    {"the handle table", 0xffa00000, ALWAYS, false},
    {"0xfffffff0", 0xfffffff0, ALWAYS, false},
    {"0xffffffff", 0xffffffff, ALWAYS, false},
    {"half of it unmapped", FAR + PAGE, ALWAYS, true},
    {"half of it read-only", FAR + 5 * PAGE, WRITING, true},
    {"its end in the kernel", IRIS_USER_TOP, ALWAYS, true},
    {"its end wraps", 0, ALWAYS, true},
};

/* From FAR on: a writable page, nothing, nothing, nothing, a writable page, a read-only page. */
static bool map_neighbours(void)
{
    uint32_t data = (uint32_t)buffer;

    memset(buffer, 0, sizeof buffer);
    return iris_memory_map(0, FAR, 0, data, 1, IRIS_MAP_WRITE) == 1 &&
           iris_memory_map(0, FAR + 4 * PAGE, 0, data, 1, IRIS_MAP_WRITE) == 1 &&
           iris_memory_map(0, FAR + 5 * PAGE, 0, data + PAGE, 1, 0) == 1;
}

/* ---- A caller whose buffers ipc_copy can use ---- */

static struct rig rig;
static struct bare client;
static uint8_t client_data[256];

static void call_with_buffers(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 0, 2)};

    (void)unused;
    iris_utcb()->buffers[0] = (struct iris_buffer){(uint32_t)client_data, 256, IRIS_BUFFER_READ};
    iris_utcb()->buffers[1] = (struct iris_buffer){(uint32_t)client_data, 256, IRIS_BUFFER_WRITE};
    iris_ipc_call(rig.client, &m);
}

static bool get_caller(void)
{
    struct iris_message m;
    return rig_make(&rig, 1, 0) && iris_port_bind(rig.port) == 0 &&
           bare_run(&client, 0, UTCB_CLIENT, call_with_buffers, NULL) == 0 &&
           iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0;
}

static void release_caller(void)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE};

    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    kit_wait_state(0, UTCB_CLIENT, IRIS_THREAD_DEAD);
    iris_port_bind(0);
    bare_end(&client);
    rig_free(&rig);
}

/* ---- Trying ---- */

static unsigned tried;

static int call(const struct call *which, const struct sample *sample, unsigned place,
                uint32_t pointer)
{
    uint32_t a[ARGUMENTS];

    memcpy(a, sample->arguments, sizeof a);
    a[place] = pointer;
    tried++;
    return ((call_function *)which->stub)(a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* A call that does several things may be interrupted before it comes to the bad part (while output
   drains, the UART does so often), and tells how many it did: then once more. */
static int call_to_the_end(const struct call *which, const struct sample *sample, unsigned place,
                           uint32_t pointer)
{
    int result = 0;

    for (unsigned i = 0; i < 100000 && result >= 0; i++)
        result = call(which, sample, place, pointer);
    return result;
}

/* ipc_copy into the caller's buffer reads at the pointer, whatever the list says. */
static bool writes(const struct call *which, const struct sample *sample, unsigned place)
{
    if (which->number == IRIS_CALL_IPC_COPY)
        return sample->arguments[1] == readable_buffer;
    return which->kind[place] == IRIS_ARGUMENT_POINTER_OUT;
}

static void try_sample(const struct call *which, const struct sample *sample, unsigned place)
{
    bool writing = writes(which, sample, place);
    unsigned wrong = 0, before = tried;
    const char *first = "";
    int got = 0;

    for (unsigned i = 0; i < sizeof bad_pointers / sizeof *bad_pointers; i++) {
        const struct bad *bad = &bad_pointers[i];
        if (bad->when == WRITING && !writing)
            continue;
        uint32_t pointer = bad->straddles ? bad->address - sample->bytes / 2 : bad->address;
        int result = call_to_the_end(which, sample, place, pointer);
        if (result != (sample->refused ? sample->refused : -EFAULT) && wrong++ == 0) {
            first = bad->what;
            got = result;
        }
    }
    TEST_CHECK(wrong == 0, "%s, argument %u: %u bad pointers, %u not refused rightly (%s: %d)",
               which->name, place, tried - before, wrong, first, got);
    if (which->number == IRIS_CALL_WORD_WAIT) /* it finds a word that is not as expected */
        *(struct iris_word *)(buffer + 32) =
            (struct iris_word){(uint32_t)buffer, ~*(uint32_t *)buffer};
    int good = call(which, sample, place, (uint32_t)buffer + 32);
    TEST_CHECK(sample->refused ? good == sample->refused : good >= 0, "%s with a good one: %d",
               which->name, good);
}

static bool try_pointer(const struct call *which, unsigned place)
{
    bool found = false;

    for (unsigned i = 0; i < sizeof samples / sizeof *samples; i++)
        if (samples[i].number == which->number) {
            try_sample(which, &samples[i], place);
            found = true;
        }
    return found;
}

static void try_all(void)
{
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
        for (unsigned place = 0; place < ARGUMENTS; place++) {
            uint8_t kind = calls[i].kind[place];
            if (kind == IRIS_ARGUMENT_POINTER_IN || kind == IRIS_ARGUMENT_POINTER_OUT)
                TEST_CHECK(try_pointer(&calls[i], place), "%s, argument %u: there is a sample",
                           calls[i].name, place);
        }
}

/* ---- Numbers that are no calls ---- */

static int raw_call(uint32_t number)
{
    int result;
    __asm__ volatile("int %1"
                     : "=a"(result)
                     : "i"(IRIS_GATE_CALL), "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
                     : "memory");
    return result;
}

static void try_numbers(void)
{
    static const uint32_t numbers[] = {IRIS_CALL_COUNT, IRIS_CALL_COUNT + 1, 0x7fffffff, 0x80000000,
                                       0xffffffff,      0x40000000,          0x10000};

    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        TEST_EQUAL(raw_call(numbers[i]), -ENOSYS, "call number 0x%x", (unsigned)numbers[i]);
}

int main(void)
{
    test_begin("t_attack_pointers");
    if (TEST_CHECK(victim_begin(), "an innocent victim") &&
        TEST_CHECK(map_neighbours() && get_caller(), "pages, and a caller with buffers")) {
        struct iris_space_info before = kit_space(0);
        try_all();
        try_numbers();
        struct iris_space_info after = kit_space(0);
        TEST_CHECK(before.handles == after.handles && before.threads == after.threads &&
                       before.children == after.children && before.pages_used == after.pages_used,
                   "none of %u calls made anything", tried);
        unsigned changed = 0;
        for (unsigned i = 0; i < sizeof client_data; i++)
            changed += client_data[i] != 0;
        TEST_EQUAL(changed, 0, "or wrote into another's buffer");
    }
    release_caller();
    iris_memory_unmap(0, FAR, 6, IRIS_UNMAP_OWN);
    victim_end();
    return test_end();
}
