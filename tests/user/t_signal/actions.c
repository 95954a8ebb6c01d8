/* SPDX-License-Identifier: MIT */
/* sigaction and its flags: POSIX.1-2017. */
#include <errno.h>
#include <setjmp.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "names.h"
#include "slots.h"
#include "t_signal.h"

static void check_sending(void)
{
    catch (SIGUSR1, counts, 0);
    count = 0;
    TEST_EQUAL(raise(SIGUSR1), 0, "raise");
    TEST_EQUAL(count, 1, "has the handler run before it returns");
    TEST_EQUAL(last.si_code, SI_TKILL, "from a thread");
    TEST_EQUAL(kill(getpid(), SIGUSR1), 0, "kill of oneself");
    TEST_CHECK(kit_wait_word((volatile uint32_t *)&count, 2), "runs it too");
    TEST_CHECK(last.si_code == SI_USER && last.si_pid == getpid(), "with sender and code");
    union sigval value = {.sival_int = 4711};
    TEST_EQUAL(sigqueue(getpid(), SIGUSR1, value), 0, "sigqueue");
    TEST_CHECK(kit_wait_word((volatile uint32_t *)&count, 3), "arrives");
    TEST_CHECK(last.si_code == SI_QUEUE && last.si_value.sival_int == 4711, "with its value");
}

static void check_flags(void)
{
    struct sigaction action;

    catch (SIGUSR1, counts, SA_RESETHAND);
    count = 0;
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &action);
    TEST_CHECK(count == 1 && action.sa_handler == SIG_DFL, "SA_RESETHAND: once");
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    TEST_EQUAL(count, 1, "ignored");
    TEST_EQUAL(sigaction(SIGKILL, &action, NULL), -1, "SIGKILL cannot be caught");
    TEST_EQUAL(errno, EINVAL, "EINVAL");
    TEST_EQUAL(sigaction(64, NULL, NULL), -1, "no such signal");
    TEST_CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN, "signal tells the old action");
}

static volatile int depth, deepest;

static void nests(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (count++ < 2)
        raise(signal);
    depth--;
}

static void check_nesting(void)
{
    catch (SIGUSR1, nests, 0);
    count = deepest = 0;
    raise(SIGUSR1);
    TEST_CHECK(deepest == 1 && count == 3, "a signal waits for its handler");
    catch (SIGUSR1, nests, SA_NODEFER);
    count = deepest = 0;
    raise(SIGUSR1);
    TEST_EQUAL(deepest, 3, "SA_NODEFER: it does not");
}

static char alternate[SIGSTKSZ];
static volatile bool was_there;

static void looks(int signal, siginfo_t *info, void *context)
{
    char here;
    (void)signal;
    (void)info;
    (void)context;
    was_there = (uintptr_t)&here - (uintptr_t)alternate < sizeof alternate;
}

static void check_stack(void)
{
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, old;

    TEST_EQUAL(sigaltstack(&stack, &old), 0, "an alternate stack");
    TEST_EQUAL(old.ss_flags, SS_DISABLE, "there was none");
    catch (SIGUSR1, looks, SA_ONSTACK);
    raise(SIGUSR1);
    TEST_CHECK(was_there, "SA_ONSTACK: the handler is there");
    kill(getpid(), SIGUSR1);
    catch (SIGUSR1, looks, 0);
    raise(SIGUSR1);
    TEST_CHECK(!was_there, "without it is not");
    stack.ss_size = 100;
    TEST_EQUAL(sigaltstack(&stack, NULL), -1, "too small");
    TEST_EQUAL(errno, ENOMEM, "ENOMEM");
    stack.ss_flags = SS_DISABLE;
    TEST_EQUAL(sigaltstack(&stack, NULL), 0, "and gone");
}

static sigjmp_buf place;

static void jumps(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    siglongjmp(place, signal);
}

static void check_jump(void)
{
    sigset_t set = set_of(SIGUSR2), now;
    int came;

    catch (SIGUSR1, jumps, 0);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if ((came = sigsetjmp(place, 1)) == 0)
        raise(SIGUSR1);
    TEST_EQUAL(came, SIGUSR1, "siglongjmp out of a handler");
    sigprocmask(SIG_UNBLOCK, &set, &now);
    TEST_EQUAL(now, set, "the mask is what it was at sigsetjmp");
    uncatch(SIGUSR1);
}

/* What a handler may not disturb: floating point, and a message being built in the UTCB. */
static void disturbs(int signal, siginfo_t *info, void *context)
{
    volatile double noise = 1.0;
    uint32_t portal;
    (void)signal;
    (void)info;
    (void)context;
    for (int i = 0; i < 8; i++)
        noise = noise * 3.5 + 1.25;
    if (names_lookup(IRIS_SLOT_NAMES, "kernel/debug", &portal) == 0)
        iris_handle_discard(portal);
    count++;
}

static void check_state(void)
{
    double sum = 0;
    unsigned wrong = 0;

    catch (SIGUSR1, disturbs, 0);
    count = 0;
    for (uint32_t i = 3; i < IRIS_WORDS_MAX; i++)
        iris_utcb()->words[i] = i * 77;
    for (int i = 1; i <= 10; i++) {
        sum += 1.0 / i;
        raise(SIGUSR1);
    }
    for (uint32_t i = 3; i < IRIS_WORDS_MAX; i++)
        wrong += iris_utcb()->words[i] != i * 77;
    TEST_EQUAL(wrong, 0, "a handler's calls leave the UTCB as it was");
    TEST_CHECK(sum > 2.928 && sum < 2.929, "and the floating-point unit");
    TEST_EQUAL(count, 10, "handlers have run");
    uncatch(SIGUSR1);
}

void test_actions(void)
{
    check_sending();
    check_flags();
    check_nesting();
    check_stack();
    check_jump();
    check_state();
}
