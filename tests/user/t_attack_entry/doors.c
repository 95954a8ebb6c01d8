/* SPDX-License-Identifier: MIT */
/* Attacks 21, 22 and 25: the doors with odd registers, flags and selectors. */
#include "entry.h"

#include <string.h>

#include <iris/datapage.h>

#define TF 0x00000100u
#define DF 0x00000400u
#define NT 0x00004000u
#define AC 0x00040000u
#define USUAL 0x00000202u
#define SEGMENT_VECTORS (1u << 10 | 1u << 11 | 1u << 12 | 1u << 13)

static bool is_in(uint32_t vectors, uint32_t vector)
{
    return vector < 32 && vectors >> vector & 1;
}

/* ---- Attack 21: SYSENTER ---- */

static struct naked naked;
static uint8_t stack[256] __attribute__((aligned(16)));

static bool is_door(void) { return iris_features() & IRIS_FEATURE_DOOR_SYSENTER; }

/* Where SYSENTER is not the door, it is a protection fault; on a processor that lacks it, an
   invalid opcode (QEMU has the instruction even then). */
static bool is_closed_door(const struct twin_end *end)
{
    bool invalid = end->code == 6 && !(iris_features() & IRIS_FEATURE_SEP);
    return !is_door() && !end->hung && end->reason == IRIS_EXIT_FAULT &&
           (end->code == 13 || invalid);
}

static struct twin_end enter(uint32_t eax, uint32_t ecx, uint32_t edx, uint32_t esp)
{
    naked = (struct naked){eax, ecx, edx, esp, 0};
    return twin_run(&arena, naked_sysenter, &naked);
}

static void check_bad_stack(uint32_t ecx)
{
    static const uint32_t operations[] = {0, 0x12345, TWIN_PARTNER, 0x80000000};

    for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++) {
        struct twin_end end = enter(operations[i], ecx, 0, 0);
        bool faults = is_door() && !end.hung && end.reason == IRIS_EXIT_FAULT && end.code == 14 &&
                      end.last.address == ecx;
        TEST_CHECK(faults || is_closed_door(&end), "SYSENTER 0x%x with ECX 0x%08x: vector %u",
                   (unsigned)operations[i], (unsigned)ecx, (unsigned)end.code);
    }
}

/* ECX is where the vDSO takes its return address from; ESP and EDX mean nothing. */
static void check_harmless(uint32_t ecx_offset, uint32_t edx, uint32_t esp)
{
    uint32_t landing = (uint32_t)naked_landing;

    memcpy(stack + 64 + ecx_offset, &landing, 4);
    struct twin_end end = enter(0x12345, (uint32_t)stack + 64 + ecx_offset, edx, esp);
    bool landed = is_door() && !end.hung && end.reason == IRIS_EXIT_RETURN && end.code == LANDED;
    TEST_CHECK(landed || is_closed_door(&end),
               "SYSENTER with ESP 0x%08x, EDX 0x%08x, ECX odd by %u", (unsigned)esp, (unsigned)edx,
               (unsigned)ecx_offset);
}

void test_sysenter(void)
{
    static const uint32_t bad[] = {0,          3,          0x60000000, IRIS_USER_TOP,
                                   0xc0100000, 0xff800000, 0xfffffffc};

    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        check_bad_stack(bad[i]);
    for (uint32_t i = 0; i < 4; i++) {
        check_harmless(i, 0, 0);
        check_harmless(i, 0xffffffff, IRIS_USER_TOP + i);
        check_harmless(i, IRIS_USER_TOP, 0xffffffff);
        check_harmless(i, 0x60000000, 0x60000001);
    }
}

/* ---- Attack 22: flags ---- */

static struct shot shot;

static const struct door {
    const char *name;
    void (*enter)(void);
} doors[] = {
    {"the vDSO's door", iris_ipc},
    {"the IPC gate", shot_ipc_gate},
    {"SYSENTER", shot_sysenter},
};

static struct shot usual_shot(void (*door)(void))
{
    return (struct shot){.eax = TWIN_PARTNER,
                         .tag = IRIS_TAG(1, 1),
                         .ebx = 7,
                         .ds = IRIS_USER_DS,
                         .es = IRIS_USER_DS,
                         .fs = IRIS_USER_DS,
                         .gs = IRIS_USER_GS,
                         .flags = USUAL,
                         .door = (uint32_t)door};
}

static struct twin_end fire(void)
{
    arena.judge = judge_traps;
    struct twin_end end = twin_run(&arena, shot_fire, &shot);
    arena.judge = NULL;
    return end;
}

static void check_flags(const struct door *door, uint32_t flags)
{
    uint32_t calls = partner_calls();

    shot = usual_shot(door->enter);
    shot.flags |= flags;
    struct twin_end end = fire();
    if (door->enter == shot_sysenter && !is_door()) {
        TEST_CHECK(is_closed_door(&end), "flags 0x%x at %s: closed", (unsigned)flags, door->name);
        return;
    }
    bool stepped = end.exceptions > 0 && end.first.vector == 1;
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && shot.done &&
                   shot.tag_after == IRIS_TAG(0, 1) && partner_calls() == calls + 1 &&
                   !(shot.flags_after & (DF | NT | AC)) && stepped == !!(flags & TF),
               "flags 0x%x at %s: answered, and gone (0x%x)", (unsigned)flags, door->name,
               (unsigned)shot.flags_after);
}

static void check_call_gate(uint32_t flags)
{
    shot = usual_shot(shot_call_gate);
    shot.eax = IRIS_CALL_THREAD_SWITCH;
    shot.ebx = 0;
    shot.flags |= flags;
    struct twin_end end = fire();
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && shot.done && shot.eax_after == 0,
               "flags 0x%x at the gate of kernel calls", (unsigned)flags);
}

void test_flags(void)
{
    static const uint32_t flags[] = {0, TF, DF, NT, AC, DF | NT | AC, TF | DF | NT | AC, 0x8d5};

    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
        for (unsigned k = 0; k < sizeof doors / sizeof *doors; k++)
            check_flags(&doors[k], flags[i]);
        check_call_gate(flags[i]);
    }
}

/* ---- Attack 25: selectors ---- */

enum segment { DS, ES, FS, GS, ALL, SEGMENTS };

static void set_selector(enum segment segment, uint32_t selector)
{
    if (segment == DS || segment == ALL)
        shot.ds = selector;
    if (segment == ES || segment == ALL)
        shot.es = selector;
    if (segment == FS || segment == ALL)
        shot.fs = selector;
    if (segment == GS || segment == ALL)
        shot.gs = selector;
}

/* What a user may load: null, and the user's own descriptors. */
static bool is_loadable(uint32_t selector)
{
    return (selector & ~3u) == 0 || (selector & ~3u) == (IRIS_USER_CS & ~3u) ||
           (selector & ~3u) == (IRIS_USER_DS & ~3u) || (selector & ~3u) == (IRIS_USER_GS & ~3u);
}

static bool shot_with(void (*door)(void), enum segment segment, uint32_t selector)
{
    uint32_t calls = partner_calls();

    shot = usual_shot(door);
    if (door == shot_call_gate)
        shot.eax = IRIS_CALL_THREAD_SWITCH, shot.ebx = 0;
    set_selector(segment, selector);
    struct twin_end end = fire();
    if (end.hung)
        return false;
    if (!is_loadable(selector))
        return end.reason == IRIS_EXIT_FAULT && is_in(SEGMENT_VECTORS, end.code);
    if (door == shot_sysenter && !is_door())
        return is_closed_door(&end);
    bool answered = end.reason == IRIS_EXIT_RETURN && shot.done;
    return answered && (door == shot_call_gate || partner_calls() == calls + 1);
}

void test_selectors(void)
{
    static const uint32_t selectors[] = {
        0,
        1,
        3, /* null */
        IRIS_USER_CS,
        IRIS_USER_DS,
        IRIS_USER_GS,
        0x20,
        0x18, /* the user's, asked for with ring 0 */
        0x08,
        0x0b,
        0x10,
        0x13, /* the kernel's */
        0x30,
        0x33,
        0x38,
        0x3b, /* task state segments */
        0x04,
        0x07,
        0x0f,
        0x27, /* in the LDT, which there is not */
        0x40,
        0x43,
        0x103,
        0xfff8,
        0xffff /* beyond the table */
    };
    static void (*const entries[])(void) = {iris_ipc, shot_ipc_gate, shot_sysenter, shot_call_gate};

    for (unsigned i = 0; i < sizeof selectors / sizeof *selectors; i++) {
        unsigned wrong = 0, tried = 0;
        for (enum segment segment = DS; segment < SEGMENTS; segment++)
            for (unsigned k = 0; k < sizeof entries / sizeof *entries; k++, tried++)
                wrong += !shot_with(entries[k], segment, selectors[i]);
        TEST_EQUAL(wrong, 0, "selector 0x%04x in DS, ES, FS, GS, all, at 4 doors: %u tries",
                   (unsigned)selectors[i], tried);
    }
}
