/* SPDX-License-Identifier: MIT */
/* The processor's part of the state: all registers, flags, FPU and SSE; and one's own state. */
#include <string.h>

#include <iris/datapage.h>

#include "t_state.h"

#define PATTERN 0x13570000u

static struct bare subject;
static struct iris_state state, again;
static volatile uint32_t done, go;

static bool has_sse(void) { return iris_features() & IRIS_FEATURE_SSE; }

/* ---- Registers ---- */

static volatile uint32_t seen[9];

/* Loads every register and the flags, and looks at them after it was stopped: it spins on `go`
   without touching one. */
__attribute__((naked)) static void all_registers(void *unused)
{
    (void)unused;
    __asm__("movl $0x13570001, %eax\n\tmovl $0x13570002, %ebx\n\tmovl $0x13570003, %ecx\n\t"
            "movl $0x13570004, %edx\n\tmovl $0x13570005, %esi\n\tmovl $0x13570006, %edi\n\t"
            "movl $0x13570007, %ebp\n\t"
            "pushl $0x200cd7\n\tpopfl\n\t"
            "1:\tpushfl\n\tcmpl $0, go\n\tje 2f\n\tpopfl\n\tjmp 3f\n\t2:\tpopfl\n\tjmp 1b\n\t"
            "3:\tpushfl\n\tpopl seen+28\n\tcld\n\t"
            "movl %eax, seen\n\tmovl %ebx, seen+4\n\tmovl %ecx, seen+8\n\tmovl %edx, seen+12\n\t"
            "movl %esi, seen+16\n\tmovl %edi, seen+20\n\tmovl %ebp, seen+24\n\t"
            "movl $1, done\n\tret");
}

static void check_registers(void)
{
    unsigned wrong = 0;

    done = go = 0;
    bare_run(&subject, 0, UTCB_SUBJECT, all_registers, NULL);
    for (unsigned i = 0; i < 3; i++) {
        iris_thread_switch(0);
        TEST_CHECK(reborn(&subject, 0, 0, &state), "born again with all registers in use");
    }
    TEST_EQUAL(state.registers.eax, PATTERN | 1, "eax is read");
    TEST_EQUAL(state.registers.ebp, PATTERN | 7, "and ebp");
    TEST_EQUAL(state.registers.thread_pointer, (uint32_t)&subject.block, "the thread pointer");
    go = 1;
    TEST_CHECK(kit_wait_word(&done, 1), "it goes on");
    for (unsigned i = 0; i < 7; i++)
        wrong += seen[i] != (PATTERN | (i + 1));
    TEST_EQUAL(wrong, 0, "its registers are what they were");
    TEST_EQUAL(seen[7] & 0xcd5, 0xcd5, "and its flags");
    bare_end(&subject);
}

/* ---- FPU and SSE ---- */

static const uint32_t xmm_wanted[4] = {1, 2, 0x12345678, 0xffffffff};
static uint32_t xmm_seen[4], mxcsr_seen;
static uint32_t mxcsr_wanted = 0x7f80; /* all masked, rounding to zero */
static uint16_t control_wanted = 0x0c7f, control_seen;
static double pi_seen;
static volatile uint32_t loaded;

static void use_fpu(void *unused)
{
    (void)unused;
    __asm__ volatile("fninit\n\tfldcw %0\n\tfldpi" ::"m"(control_wanted));
    if (has_sse())
        __asm__ volatile("ldmxcsr %0\n\tmovups %1, %%xmm5" ::"m"(mxcsr_wanted), "m"(xmm_wanted));
    loaded = 1;
    while (!go)
        ;
    __asm__ volatile("fstpl %0\n\tfnstcw %1" : "=m"(pi_seen), "=m"(control_seen));
    if (has_sse())
        __asm__ volatile("stmxcsr %0\n\tmovups %%xmm5, %1" : "=m"(mxcsr_seen), "=m"(xmm_seen));
    done = 1;
}

static uint64_t bits(double value)
{
    uint64_t result;
    memcpy(&result, &value, sizeof result);
    return result;
}

static void check_fpu(void)
{
    done = go = loaded = 0;
    bare_run(&subject, 0, UTCB_SUBJECT, use_fpu, NULL);
    kit_wait_word(&loaded, 1);
    for (unsigned i = 0; i < 3; i++) {
        iris_thread_switch(0);
        TEST_CHECK(reborn(&subject, 0, 0, &state), "born again with live FPU registers");
    }
    if (has_sse())
        TEST_CHECK(memcmp(&state.fpu[160 + 16 * 5], xmm_wanted, 16) == 0 &&
                       *(uint32_t *)&state.fpu[24] == mxcsr_wanted,
                   "its image shows them");
    go = 1;
    TEST_CHECK(kit_wait_word(&done, 1), "it goes on");
    TEST_EQUAL(bits(pi_seen), 0x400921fb54442d18, "with its x87 stack"); /* rounded as written */
    TEST_EQUAL(control_seen, control_wanted, "its control word");
    if (has_sse()) {
        TEST_EQUAL(mxcsr_seen, mxcsr_wanted, "its MXCSR");
        TEST_CHECK(memcmp(xmm_seen, xmm_wanted, 16) == 0, "and its SSE registers");
    }
    bare_end(&subject);
}

/* One that never used it has the clean state, whatever others left in the registers. */
static void spin(void *unused)
{
    (void)unused;
    while (!go)
        ;
    done = 1;
}

static void check_clean(void)
{
    unsigned dirty = 0;

    done = go = 0;
    bare_run(&subject, 0, UTCB_SUBJECT, spin, NULL);
    __asm__ volatile("fninit\n\tfldpi\n\tfldpi");
    exchange(&subject, IRIS_STATE_READ, &state);
    __asm__ volatile("fninit");
    if (iris_features() & IRIS_FEATURE_FXSR)
        for (unsigned i = 32; i < 512; i++)
            dirty += state.fpu[i] != 0;
    TEST_EQUAL(dirty, 0, "nobody's FPU registers are in a state that never used them");
    go = 1;
    kit_wait_word(&done, 1);
    bare_end(&subject);
}

/* ---- Oneself ---- */

static void check_self(void)
{
    static volatile unsigned returns;
    struct bare self = {.handle = IRIS_SLOT_THREAD};
    volatile double before = 1.5;

    returns = 0;
    TEST_EQUAL(exchange(&self, IRIS_STATE_WRITE, &state), -EBUSY, "one is no halted thread");
    before *= 2;
    int result; /* the call is made without a stub, whose frame would be gone the second time */
    __asm__ volatile("int %1"
                     : "=a"(result)
                     : "i"(IRIS_GATE_CALL), "a"(IRIS_CALL_THREAD_EXCHANGE_REGISTERS),
                       "b"(IRIS_SLOT_THREAD), "c"(IRIS_STATE_READ), "d"(&state)
                     : "memory");
    returns++;
    if (returns == 1) {
        TEST_EQUAL(result, 0, "one's own state is read");
        TEST_EQUAL(state.registers.state, IRIS_THREAD_READY, "it runs");
        again = state;
        again.registers.eax = 42;
        exchange(&self, IRIS_STATE_HALT | IRIS_STATE_RESUME | IRIS_STATE_REGISTERS | IRIS_STATE_FPU,
                 &again);
        TEST_CHECK(false, "there is no return from there");
    }
    TEST_EQUAL(returns, 2, "and written: back where it was read");
    TEST_EQUAL(result, 42, "with another result");
    TEST_EQUAL(before == 3.0, true, "and the FPU in order");
}

/* Halts itself; somebody else resumes it. */
static void halt_oneself(void *slot)
{
    int error = iris_thread_exchange_registers((uint32_t)slot, IRIS_STATE_HALT, NULL);
    done = error == 0 ? 1 : 2;
}

static void check_halts_itself(void)
{
    done = 0;
    bare_create(&subject, 0, UTCB_SUBJECT);
    bare_start(&subject, halt_oneself, (void *)subject.handle);
    TEST_CHECK(kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_HALTED), "a thread halts itself");
    TEST_EQUAL(done, 0, "and stands still");
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    TEST_CHECK(kit_wait_word(&done, 1), "resumed, it finds that it has worked");
    bare_end(&subject);
}

void test_processor(void)
{
    check_registers();
    check_fpu();
    check_clean();
    check_self();
    check_halts_itself();
}
