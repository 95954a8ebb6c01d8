/* SPDX-License-Identifier: MIT */
/* What the children do; the result is the exit status. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t_signal.h"

#define NOWHERE ((volatile int *)0x70000010)

static void set_handler(int signal, void (*function)(int), int flags)
{
    const struct sigaction action = {.sa_handler = function, .sa_flags = flags};
    sigaction(signal, &action, NULL);
}

static void nothing(int signal) { (void)signal; }

static void ends(int signal)
{
    (void)signal;
    _exit(7);
}

static int faults(void)
{
    *NOWHERE = 1;
    return 0;
}

static int faults_blocked(void)
{
    sigset_t set = set_of(SIGSEGV);
    set_handler(SIGSEGV, nothing, 0);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return faults();
}

/* Its handler has no stack to run on. */
static int loses_stack(void)
{
    set_handler(SIGSEGV, ends, 0);
    __asm__ volatile("movl $0x100, %esp\n\tpushl %eax");
    return 0;
}

static int recurse(volatile int depth)
{
    volatile char room[1024];
    room[0] = (char)depth;
    return depth == 0 ? 0 : recurse(depth + 1) + room[0];
}

static int overflows(void)
{
    static char alternate[SIGSTKSZ];
    const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&stack, NULL);
    set_handler(SIGSEGV, ends, SA_ONSTACK);
    return recurse(1) == 0;
}

static int sleeps(void)
{
    while (sleep(1000) == 0)
        continue;
    return 0;
}

static int seven(void) { return 7; }

static int inherits(void)
{
    struct sigaction action;
    sigset_t mask;
    sigaction(SIGUSR1, NULL, &action);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    return (action.sa_handler == SIG_IGN) + 2 * (mask == set_of(SIGUSR2));
}

static int aborts(void) { abort(); }

static int aborts_caught(void)
{
    set_handler(SIGABRT, nothing, 0);
    abort();
}

static int raises(void) { return raise(SIGTERM); }

static int unblocks(void)
{
    sigset_t set = set_of(SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return 0;
}

static int storms(void)
{
    while (kill(getppid(), SIGUSR1) == 0)
        continue;
    return 0;
}

static const struct {
    const char *name;
    int (*play)(void);
} roles[] = {{"fault", faults},       {"blocked", faults_blocked}, {"stack", loses_stack},
             {"overflow", overflows}, {"sleeper", sleeps},         {"seven", seven},
             {"inherits", inherits},  {"abort", aborts},           {"abort-caught", aborts_caught},
             {"raise", raises},       {"unblocks", unblocks},      {"storm", storms}};

int role_play(const char *role)
{
    for (unsigned i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(role, roles[i].name) == 0)
            return roles[i].play();
    return 200;
}
