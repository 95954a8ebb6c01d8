/* SPDX-License-Identifier: MIT */
/* What thread_exchange_registers refuses, and that a refusal changes nothing. */
#include <string.h>

#include <iris/datapage.h>

#include "t_state.h"

static struct bare subject;
static struct iris_state state, before, after;
static volatile uint32_t spins;

static void spin(void *unused)
{
    (void)unused;
    for (;;)
        spins++;
}

/* Who controls a space needs no handle of its threads. */
static void check_by_slot(void)
{
    uint32_t weak = kit_slot(), all = IRIS_RIGHT_ALL & ~IRIS_RIGHT_CONTROL;
    uint32_t read = IRIS_STATE_READ | IRIS_STATE_SLOT(UTCB_SUBJECT);

    iris_handle_copy(IRIS_SLOT_SPACE, 0, weak, all);
    TEST_EQUAL(iris_thread_exchange_registers(IRIS_SLOT_SPACE, read, &after), 0,
               "a thread by its space and slot");
    TEST_CHECK(memcmp(&before, &after, sizeof before) == 0, "is the same one");
    TEST_EQUAL(iris_thread_exchange_registers(weak, read, &after), -EPERM,
               "not without CONTROL of the space");
    TEST_EQUAL(iris_thread_exchange_registers(IRIS_SLOT_SPACE, IRIS_STATE_SLOT(0xffff), NULL),
               -ENOENT, "nor where no thread is");
    iris_handle_discard(weak);
}

static void check_who_may(void)
{
    uint32_t weak = kit_slot();
    struct rig rig;

    rig_make(&rig, 1, 0);
    iris_handle_copy(subject.handle, 0, weak, IRIS_RIGHT_ALL & ~IRIS_RIGHT_CONTROL);
    for (uint32_t selector = 1; selector < 0x100; selector <<= 1)
        TEST_EQUAL(iris_thread_exchange_registers(weak, selector, &state), -EPERM,
                   "selector 0x%x without CONTROL", (unsigned)selector);
    TEST_EQUAL(iris_thread_exchange_registers(rig.port, IRIS_STATE_READ, &state), -EBADF,
               "a port has no registers");
    TEST_EQUAL(iris_thread_exchange_registers(0, IRIS_STATE_READ, &state), -EBADF, "nor nothing");
    rig_free(&rig);
    iris_handle_discard(weak);
    check_by_slot();
}

static bool is_unchanged(void)
{
    return exchange(&subject, IRIS_STATE_READ, &after) == 0 &&
           memcmp(&before, &after, sizeof before) == 0;
}

static void refused(uint32_t selector, int error, const char *what)
{
    TEST_EQUAL(exchange(&subject, selector, &state), error, "%s", what);
    TEST_CHECK(is_unchanged(), "and nothing has changed");
    state = before;
}

/* Attack 24. Each with everything else right, and everything else written too. */
static void check_values(void)
{
    static const uint32_t code[] = {0, 0x08, 0x1a, 0x23, 0x0b, 0x1b0, 0xffff, 0x1001b};
    static const uint32_t addresses[] = {IRIS_USER_TOP, 0xc0100000, 0xffa00000, 0xffffffff};
    static const uint32_t flags[] = {1u << 3, 1u << 5, 1u << 15, 1u << 22, 1u << 31, 0xffc08028};
    const uint32_t all = ALL_OF_IT;

    for (unsigned i = 0; i < sizeof code / 4; i++) {
        state.registers.cs = code[i];
        refused(all, -EINVAL, "another code selector");
    }
    for (unsigned i = 0; i < sizeof code / 4; i++) {
        state.registers.ss = code[i] == 0x23 ? 0x10 : code[i];
        refused(all, -EINVAL, "another stack selector");
    }
    for (unsigned i = 0; i < sizeof addresses / 4; i++) {
        state.registers.ip = addresses[i];
        refused(all, -EINVAL, "an IP of the kernel's");
    }
    for (unsigned i = 0; i < sizeof flags / 4; i++) {
        state.registers.flags |= flags[i];
        refused(all, -EINVAL, "reserved flags");
    }
    if (iris_features() & IRIS_FEATURE_FXSR)
        for (unsigned bit = 16; bit < 32; bit++) {
            *(uint32_t *)&state.fpu[24] |= 1u << bit;
            refused(all, -EINVAL, "reserved bits of MXCSR");
        }
    state.registers.port = 0x7777;
    refused(IRIS_STATE_PORT | all, -EBADF, "a port that is none");
    state.registers.port = subject.handle;
    refused(IRIS_STATE_PORT | all, -EBADF, "or a thread");
    refused(0x100 | IRIS_STATE_SLOT(1), -EINVAL, "a selector that does not exist");
    refused(0x8000 | IRIS_STATE_RESUME, -EINVAL, "or another");
}

/* Attack 23: IOPL, IF, VM, NT, VIF, VIP do not arrive; the user's flags do. */
static void check_flags(void)
{
    static const uint32_t not_the_users = 0x1a7000 | 0x200;

    state.registers.flags = 0x1a7000 | 0x40cd5;
    TEST_EQUAL(exchange(&subject, IRIS_STATE_REGISTERS, &state), 0,
               "flags that are not the user's");
    exchange(&subject, IRIS_STATE_READ, &after);
    TEST_EQUAL(after.registers.flags & not_the_users, 0x200, "are masked, but IF stays set");
    TEST_EQUAL(after.registers.flags & 0x40cd5, 0x40cd5, "and the user's are written");
    TEST_EQUAL(exchange(&subject, IRIS_STATE_REGISTERS, &before), 0, "back as they were");
}

static void check_pointers(void)
{
    static const uint32_t bad[] = {0, 1, 0x60000000, IRIS_USER_TOP, IRIS_USER_TOP - 64, 0xfffffff0};

    for (unsigned i = 0; i < sizeof bad / 4; i++) {
        struct iris_state *at = (struct iris_state *)bad[i];
        TEST_EQUAL(exchange(&subject, IRIS_STATE_READ, at), -EFAULT, "reading to a bad place");
        TEST_EQUAL(exchange(&subject, IRIS_STATE_REGISTERS | IRIS_STATE_RESUME, at), -EFAULT,
                   "writing from there");
    }
    TEST_CHECK(is_unchanged(), "and nothing has changed, nor was it resumed");
}

/* Nothing of the kernel's shows. */
static void check_words(void)
{
    const uint32_t *words = (const uint32_t *)&before.registers;
    unsigned odd = 0;

    for (unsigned i = 0; i < sizeof before.registers / 4; i++)
        odd += words[i] >= IRIS_USER_TOP;
    TEST_EQUAL(odd, 0, "no address of the kernel's among its registers");
}

static void check_running(void)
{
    TEST_EQUAL(exchange(&subject, IRIS_STATE_READ, &state), 0, "it can be read");
    TEST_EQUAL(state.registers.state, IRIS_THREAD_READY, "running");
    state.registers.port = 0;
    for (uint32_t part = IRIS_STATE_REGISTERS; part <= IRIS_STATE_PORT; part <<= 1)
        TEST_EQUAL(exchange(&subject, part, &state), -EBUSY, "a running thread is not written");
    uint32_t seen = spins;
    TEST_CHECK(kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_READY), "and it runs on");
    while (spins == seen)
        iris_thread_switch(0);
}

void test_refusals(void)
{
    TEST_EQUAL(bare_run(&subject, 0, UTCB_SUBJECT, spin, NULL), 0, "a running thread");
    check_running();
    TEST_EQUAL(exchange(&subject, IRIS_STATE_HALT, NULL), 0, "is halted");
    exchange(&subject, IRIS_STATE_READ, &before);
    TEST_EQUAL(before.registers.state, IRIS_THREAD_HALTED, "and says so");
    state = before;
    check_words();
    check_who_may();
    check_values();
    check_flags();
    check_pointers();
    uint32_t seen = spins;
    for (unsigned i = 0; i < 20; i++)
        iris_thread_switch(0);
    TEST_EQUAL(spins, seen, "all the while it did not run");
    TEST_EQUAL(exchange(&subject, IRIS_STATE_RESUME, NULL), 0, "resumed");
    while (spins == seen)
        iris_thread_switch(0);
    TEST_CHECK(spins != seen, "it does");
    bare_end(&subject);
    int error = exchange(&subject, IRIS_STATE_READ, &state);
    TEST_EQUAL(error, -EBADF, "and ends");
}
