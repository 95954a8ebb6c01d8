/* SPDX-License-Identifier: MIT */
/* Exceptions as signals. */
#include <setjmp.h>
#include <ucontext.h>
#include <unistd.h>

#include "kit.h"
#include "t_signal.h"

#define NOWHERE ((volatile int *)0x70000010)

static sigjmp_buf place;

static void jumps(int signal, siginfo_t *info, void *context)
{
    (void)context;
    last = *info;
    siglongjmp(place, signal);
}

static int fault_of(void (*does)(void))
{
    int signal = sigsetjmp(place, 1);
    if (signal == 0)
        does();
    return signal;
}

static void reads_nothing(void) { (void)*NOWHERE; }
static void writes_code(void) { *(volatile char *)(uintptr_t)reads_nothing = 0; }
static void divides(void)
{
    volatile int zero = 0, one = 1; /* 1 / x alone needs no division */
    /* cppcheck-suppress zerodiv */
    zero = one / zero;
}
static void executes_nothing(void) { __asm__ volatile("ud2"); }

static void repairs(int signal, siginfo_t *info, void *context)
{
    ucontext_t *where = context;
    (void)signal;
    (void)info;
    count++;
    where->uc_mcontext.registers.ip += 2; /* ud2 */
}

void test_faults(void)
{
    catch (SIGSEGV, jumps, 0);
    catch (SIGFPE, jumps, 0);
    catch (SIGILL, jumps, 0);
    for (int i = 0; i < 3; i++)
        TEST_EQUAL(fault_of(reads_nothing), SIGSEGV, "reading where nothing is");
    TEST_CHECK(last.si_addr == (void *)NOWHERE && last.si_code == SEGV_MAPERR, "and where");
    TEST_EQUAL(fault_of(writes_code), SIGSEGV, "writing code");
    TEST_EQUAL(last.si_code, SEGV_ACCERR, "is another kind");
    TEST_EQUAL(fault_of(divides), SIGFPE, "dividing by zero");
    TEST_EQUAL(last.si_code, FPE_INTDIV, "of integers");
    TEST_EQUAL(fault_of(executes_nothing), SIGILL, "no instruction");
    catch (SIGILL, repairs, 0);
    count = 0;
    executes_nothing();
    TEST_EQUAL(count, 1, "a handler can have its thread go on behind it");
    uncatch(SIGSEGV);
    uncatch(SIGFPE);
    uncatch(SIGILL);
    TEST_EQUAL(role_end(role_start("fault")), 1000 + SIGSEGV, "uncaught it ends the process");
    TEST_EQUAL(role_end(role_start("blocked")), 1000 + SIGSEGV, "blocked too");
    TEST_EQUAL(role_end(role_start("stack")), 1000 + SIGSEGV, "or without a stack");
    TEST_EQUAL(role_end(role_start("overflow")), 7, "but not with an alternate one");
}
