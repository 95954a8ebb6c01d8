/* SPDX-License-Identifier: MIT */
/* What runs in the cages: random calls, half of them plausible, half of them nasty. */
#include "t_fuzz.h"

#include <stdbool.h>

#include <iris/arguments.h>
#include <iris/calls.h>
#include <iris/object.h>
#include <iris/state.h>
#include <iris/vdso.h>

#define FAR 0x60000000u
#define FAR_PAGES 64
#define HIGH 1000u /* slots in a further page of the table */
#define ARGUMENTS 6

/* ---- The list of calls ---- */

static const uint8_t kinds[][ARGUMENTS] = {
#define CALL(number, name, noreturn, pending, ...) {__VA_ARGS__},
    IRIS_CALL_ARGUMENTS(CALL)
#undef CALL
};

/* Of 64 times that it is drawn, how often it is made; 0 stands for 64. */
static const uint8_t shares[IRIS_CALL_COUNT] = {
    [IRIS_CALL_KERNEL_INTERFACE] = 4, [IRIS_CALL_HANDLE_CLOSE] = 24,
    [IRIS_CALL_OBJECT_DESTROY] = 8,   [IRIS_CALL_THREAD_EXIT] = 1,
    [IRIS_CALL_IRQ_BIND] = 8,         [IRIS_CALL_IRQ_ACK] = 8,
    [IRIS_CALL_IO_PERMIT] = 8,        [IRIS_CALL_TRACE_CONTROL] = 8,
    [IRIS_CALL_KERNEL_LOG] = 8,       [IRIS_CALL_THREAD_EXCHANGE_REGISTERS] = 16,
    [IRIS_CALL_THREAD_SWITCH] = 16,
};

/* ---- Numbers ---- */

static uint32_t draw(struct fuzzer *f)
{
    f->seed ^= f->seed << 13;
    f->seed ^= f->seed >> 17;
    f->seed ^= f->seed << 5;
    return f->seed;
}

static uint32_t below(struct fuzzer *f, uint32_t limit)
{
    return (uint32_t)((uint64_t)draw(f) * limit >> 32);
}

static bool chance(struct fuzzer *f, uint32_t one_in) { return below(f, one_in) == 0; }

static uint32_t nasty(struct fuzzer *f)
{
    static const uint32_t numbers[] = {
        0,
        1,
        0xffffffff,
        0x80000000,
        0x7fffffff,
        0xfffffffe,
        0x10000,
        0xffff,
        0x100000,
        0xfffff,
        0xfffff000,
        IRIS_USER_TOP,
        0xbffffffc,
        0xbffffffe,
        0xffa00000,
        0x40000000,
        IRIS_UTCB_BASE,
        IRIS_WINDOW - 4096,
        63,
        64,
        65,
        31,
        32,
        IRIS_UTCB_SLOTS,
    };
    return numbers[below(f, sizeof numbers / sizeof *numbers)];
}

static uint32_t number(struct fuzzer *f)
{
    switch (below(f, 4)) {
    case 0:
        return nasty(f);
    case 1:
        return 1u << below(f, 32);
    case 2:
        return draw(f);
    default:
        return below(f, 9);
    }
}

static uint32_t handle(struct fuzzer *f)
{
    switch (below(f, 16)) {
    case 0:
        return nasty(f);
    case 1:
        return HIGH + below(f, 8);
    case 2:
        return below(f, IRIS_HANDLE_LIMIT);
    default:
        return 1 + below(f, 39);
    }
}

static uint32_t slot(struct fuzzer *f)
{
    uint32_t kind = below(f, 32);
    return kind == 0 ? handle(f) : kind == 1 ? HIGH + below(f, 8) : CAGE_FREE + below(f, 24);
}

static uint32_t portal(struct fuzzer *f)
{
    return chance(f, 3) ? handle(f) : CAGE_PORTAL + below(f, CAGES);
}

static uint32_t space(struct fuzzer *f) { return chance(f, 2) ? 0 : handle(f); }

static uint32_t scratch(struct fuzzer *f)
{
    return (uint32_t)f->cage->scratch + below(f, sizeof f->cage->scratch);
}

static uint32_t address(struct fuzzer *f)
{
    switch (below(f, 16)) {
    case 0:
        return nasty(f);
    case 1:
        return (uint32_t)f->cage + below(f, chance(f, 16) ? sizeof *f->cage : IRIS_PAGE_SIZE);
    case 2:
        return IRIS_PROGRAM_BASE + below(f, 0x8000);
    case 3:
        return (uint32_t)f->block.utcb + below(f, 1024) - 256;
    case 4:
    case 5:
        return FAR + below(f, FAR_PAGES * IRIS_PAGE_SIZE);
    case 6:
        return scratch(f);
    default:
        return scratch(f) & ~3u;
    }
}

static uint32_t page(struct fuzzer *f)
{
    uint32_t far = FAR + below(f, FAR_PAGES) * IRIS_PAGE_SIZE;

    if (chance(f, 32))
        return address(f);
    return chance(f, 8) ? far + (below(f, 4) << 22) : far;
}

/* Most waits end by themselves: with too many that do not, soon all wait for each other. And some
   threads never wait for a time: an idle emulator is slow to go on. */
#define FOREVER 4096

static uint64_t deadline(struct fuzzer *f)
{
    if (chance(f, FOREVER))
        return IRIS_DEADLINE_NONE;
    if (f->busy || !chance(f, 8))
        return IRIS_DEADLINE_POLL;
    return iris_clock_monotonic() + below(f, 1u << (8 + below(f, 12)));
}

static void enter(struct fuzzer *f, struct raw *raw, enum raw_door door)
{
    __atomic_fetch_add(&f->cage->calls, 1, __ATOMIC_RELAXED);
    raw_enter(raw, door);
}

/* ---- Kernel calls ---- */

static uint32_t argument(struct fuzzer *f, uint8_t kind)
{
    switch (kind) {
    case IRIS_ARGUMENT_HANDLE:
        return chance(f, 8) ? 0 : handle(f);
    case IRIS_ARGUMENT_SLOT:
        return slot(f);
    case IRIS_ARGUMENT_SPACE:
        return space(f);
    case IRIS_ARGUMENT_INT:
        return chance(f, 3) ? address(f) : number(f);
    case IRIS_ARGUMENT_NONE:
        return draw(f);
    default:
        return address(f);
    }
}

/* One to four words, most of them as they are: so that it sleeps now and then. */
static void words_to_wait_for(struct fuzzer *f, uint32_t *a)
{
    struct iris_word *words = (struct iris_word *)((a[0] = (scratch(f) & ~63u)));
    uint64_t until = deadline(f);

    a[1] = 1 + (below(f, 4) & below(f, 4));
    for (uint32_t i = 0; i < a[1]; i++) {
        uint32_t at = (uint32_t)f->cage->scratch + below(f, 64) * 4;
        words[i].address = chance(f, 8) ? address(f) : at;
        words[i].value = chance(f, 8) ? draw(f) : *(uint32_t *)at;
        if (chance(f, 3)) /* in a page that comes and goes */
            words[i] = (struct iris_word){(page(f) & -IRIS_PAGE_SIZE) + below(f, 1024) * 4, 0};
    }
    a[2] = (uint32_t)until;
    a[3] = (uint32_t)(until >> 32);
}

static uint32_t portal_or_none(struct fuzzer *f) { return chance(f, 2) ? 0 : portal(f); }

/* What was read from one is written to another. Few are stopped for good. */
static void state_of_a_thread(struct fuzzer *f, uint32_t *a)
{
    bool by_space = chance(f, 4);

    a[0] = by_space ? CAGE_SPACE : CAGE_THREAD + below(f, THREADS);
    a[1] = chance(f, 2) ? IRIS_STATE_READ : below(f, 0x400);
    a[1] |= chance(f, 16) ? 0 : IRIS_STATE_RESUME;
    if (by_space)
        a[1] |= IRIS_STATE_SLOT(below(f, 24));
    a[2] = (uint32_t)f->cage->scratch + below(f, 2) * (IRIS_PAGE_SIZE / 2);
}

/* Arguments that have a chance to be accepted. */
static void plausible(struct fuzzer *f, uint32_t call, uint32_t *a)
{
    switch (call) {
    case IRIS_CALL_HANDLE_COPY:
        a[3] = below(f, 256) | (chance(f, 4) ? IRIS_MOVE : 0);
        break;
    case IRIS_CALL_PORTAL_CREATE:
        a[0] = CAGE_PORT;
        a[3] = below(f, 256) & (IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY);
        break;
    case IRIS_CALL_SPACE_CREATE:
        a[1] = below(f, 12);
        a[2] = below(f, f->priority + 1);
        for (unsigned i = 3; i < 6; i++)
            a[i] = portal_or_none(f);
        break;
    case IRIS_CALL_SPACE_FUND:
        a[1] = below(f, 9) - 4;
        break;
    case IRIS_CALL_SPACE_INSPECT:
        a[1] = below(f, 5);
        a[2] = below(f, 4);
        a[4] = below(f, 5);
        break;
    case IRIS_CALL_THREAD_CREATE:
        a[2] = below(f, 24);
        a[3] = below(f, f->priority + 1);
        break;
    case IRIS_CALL_THREAD_EXCHANGE_REGISTERS:
        state_of_a_thread(f, a);
        break;
    case IRIS_CALL_THREAD_SCHEDULE:
        a[0] = CAGE_THREAD + below(f, THREADS);
        a[1] = below(f, 4) ? f->priority : below(f, f->priority + 1);
        a[2] = chance(f, 2) ? 0 : 1000 + below(f, 8000);
        a[3] = chance(f, 2) ? 0 : a[2] + below(f, 8000);
        a[4] = chance(f, 4) ? IRIS_PRIORITY_NONE : below(f, f->priority + 1);
        a[5] = portal_or_none(f);
        break;
    case IRIS_CALL_THREAD_SWITCH:
        a[0] = chance(f, 2) ? 0 : CAGE_THREAD + below(f, THREADS);
        break;
    case IRIS_CALL_MEMORY_MAP:
        a[1] = page(f) & -IRIS_PAGE_SIZE;
        a[2] = 0;
        a[3] = (chance(f, 2) ? scratch(f) : page(f)) & -IRIS_PAGE_SIZE;
        a[4] = 1 + below(f, 4);
        a[5] = chance(f, 8) ? IRIS_MAP_GRANT | IRIS_MAP_WRITE : below(f, 2);
        if ((a[5] & IRIS_MAP_GRANT) && a[3] < FAR)
            a[5] = 0; /* what it lives on is given away by those who draw it blindly */
        break;
    case IRIS_CALL_MEMORY_UNMAP:
        a[1] = page(f) & -IRIS_PAGE_SIZE;
        a[2] = 1 + below(f, 8);
        a[3] = below(f, 4);
        if (chance(f, 4)) { /* what derives from the scratch memory, but not that itself */
            a[1] = scratch(f) & -IRIS_PAGE_SIZE;
            a[3] = 0;
        }
        break;
    case IRIS_CALL_IPC_COPY:
        a[0] = chance(f, 2) ? 0 : handle(f);
        a[1] = (below(f, 8) & 3 & below(f, 4)) | (below(f, 4) << 8); /* the first ones mostly */
        a[2] = below(f, 64);
        a[4] = below(f, chance(f, 4) ? 3 * IRIS_PAGE_SIZE : 64);
        break;
    case IRIS_CALL_WORD_WAIT:
        words_to_wait_for(f, a);
        break;
    case IRIS_CALL_WORD_WAKE:
        a[0] = (uint32_t)f->cage->scratch + below(f, 64) * 4;
        a[1] = below(f, 4);
        break;
    default:
        break;
    }
}

static void kernel_call(struct fuzzer *f, uint32_t call)
{
    uint32_t a[ARGUMENTS];

    for (unsigned i = 0; i < ARGUMENTS; i++)
        a[i] = argument(f, kinds[call][i]);
    if (!chance(f, 3))
        plausible(f, call, a);
    if (call == IRIS_CALL_MEMORY_UNMAP && a[1] < FAR && a[3] != 0 && !chance(f, 64))
        return; /* as above */
    struct raw raw = {call, a[0], a[1], a[2], a[3], a[4], a[5]};
    if (chance(f, 512))
        raw.eax = number(f);
    enter(f, &raw, RAW_CALL);
    if ((int)raw.eax >= 0)
        __atomic_fetch_or(&f->cage->succeeded, 1u << call, __ATOMIC_RELAXED);
}

static void any_kernel_call(struct fuzzer *f)
{
    uint32_t call = below(f, IRIS_CALL_COUNT);

    if (!shares[call] || below(f, 64) < shares[call])
        kernel_call(f, call);
}

/* ---- IPC ---- */

static void fill_utcb(struct fuzzer *f, struct iris_utcb *utcb)
{
    for (unsigned i = 0; i < 4; i++) {
        utcb->handles[i].handle = handle(f);
        utcb->handles[i].rights = below(f, 256) | (chance(f, 4) ? IRIS_MOVE : 0);
        utcb->receive_slots[i] = slot(f);
        utcb->buffers[i].address = address(f);
        utcb->buffers[i].length = chance(f, 16) ? number(f) : below(f, IRIS_PAGE_SIZE);
        utcb->buffers[i].access = chance(f, 4) ? draw(f) : 3;
    }
}

static uint32_t some_tag(struct fuzzer *f, struct iris_utcb *utcb)
{
    uint32_t words = chance(f, 4) ? below(f, 65) : below(f, 4);
    uint32_t tag = IRIS_TAG(chance(f, 2) ? 0 : below(f, 4), words);

    utcb->deadline = deadline(f);
    if (!chance(f, FOREVER))
        tag |= IRIS_TAG_DEADLINE;
    if (chance(f, 4))
        tag |= IRIS_TAG_NO_REPLY;
    if (chance(f, 4)) {
        fill_utcb(f, utcb);
        tag |= IRIS_TAG_FULL(0, 0, below(f, 5), below(f, 5));
    }
    return chance(f, 256) ? tag ^ (1u << below(f, 32)) : tag;
}

/* A new thread gets a place in the cage, which may be another's, too. */
static void start_guest(struct fuzzer *f, struct raw *raw, struct iris_utcb *utcb)
{
    struct fuzzer *guest = &f->cage->guests[below(f, GUESTS)];
    uint32_t utcb_slot = below(f, 24);

    guest->block.utcb = (struct iris_utcb *)(IRIS_UTCB_BASE + utcb_slot * IRIS_UTCB_SIZE);
    guest->seed = draw(f) | 1;
    guest->steps = 0;
    guest->limit = 200;
    guest->priority = f->priority;
    guest->cage = f->cage;
    guest->done = &guest->limit; /* counted by nobody */
    raw->eax = slot(f);
    raw->ebp = IRIS_TAG(IRIS_LABEL_START, 4) | IRIS_TAG_DEADLINE; /* it may be a portal */
    raw->ebx = (uint32_t)fuzz;
    raw->esi = (uint32_t)(guest->stack + sizeof guest->stack);
    raw->edi = (uint32_t)&guest->block;
    utcb->words[3] = (uint32_t)guest;
}

static void note(struct fuzzer *f, const struct iris_utcb *utcb, bool waited, uint32_t tag)
{
    uint32_t happened = 0;

    if (!(tag & IRIS_TAG_ERROR)) {
        happened = !waited ? FUZZ_CALLED : tag & IRIS_TAG_KERNEL ? FUZZ_EVENT : FUZZ_RECEIVED;
        if (iris_tag_handles(tag) && utcb->received)
            happened |= FUZZ_HANDLE;
    } else if (!waited) {
        uint32_t error = iris_tag_label(tag);
        happened = error == ECANCELED ? FUZZ_CANCELED
                   : error == EDEAD   ? FUZZ_EDEAD
                   : error == EDEADLK ? FUZZ_EDEADLK
                                      : 0;
    }
    __atomic_fetch_or(&f->cage->happened, happened, __ATOMIC_RELAXED);
}

static void ipc(struct fuzzer *f)
{
    struct iris_utcb *utcb = f->block.utcb;
    struct raw raw = {.ebx = draw(f), .edx = draw(f), .esi = draw(f), .edi = draw(f)};

    raw.ebp = some_tag(f, utcb);
    raw.eax = chance(f, 2) ? IRIS_IPC_WAIT : portal(f);
    if (chance(f, 16))
        start_guest(f, &raw, utcb);
    bool waits = raw.eax == IRIS_IPC_WAIT;
    enter(f, &raw, chance(f, 3) ? RAW_IPC_GATE : RAW_IPC);
    note(f, utcb, waits, raw.ebp);
    if (raw.ebp & (IRIS_TAG_ERROR | IRIS_TAG_KERNEL) || !waits)
        return;
    for (uint32_t n = iris_tag_buffers(raw.ebp); n > 0 && n <= 4; n--)
        kernel_call(f, IRIS_CALL_IPC_COPY);
    if (chance(f, 4))
        kernel_call(f, IRIS_CALL_IPC_KEEP);
}

void fuzz(void *argument)
{
    struct fuzzer *f = argument;

    raw_enter(&(struct raw){.eax = IRIS_CALL_PORT_BIND, .ebx = CAGE_PORT}, RAW_CALL);
    if (f->done == &f->limit)
        __atomic_fetch_or(&f->cage->happened, FUZZ_GUEST, __ATOMIC_RELAXED);
    while (f->steps < f->limit) {
        f->steps++;
        if (chance(f, 4))
            ipc(f);
        else
            any_kernel_call(f);
    }
    __atomic_fetch_add(f->done, 1, __ATOMIC_SEQ_CST);
    iris_word_wake(f->done, 1);
    for (;;) /* a thread that is at its end may still be found in all kinds of queues */
        iris_word_wait(&(struct iris_word){(uint32_t)&f->limit, f->limit}, 1, ~0u, ~0u);
}
