/* SPDX-License-Identifier: MIT */
/* Signals. */
#include "behaviour.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t seen, count, nested;

static void note(int signo)
{
    seen = signo;
    count++;
}

/* Has `handler` called for the signal, with these flags; false with errno. */
static bool catch_with(int signo, void (*handler)(int), int flags)
{
    seen = count = nested = 0;
    return handle_signal(signo, handler, flags);
}

static bool catch_signal(int signo) { return catch_with(signo, note, 0); }

static sigset_t only(int signo)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    return set;
}

static bool block(int signo)
{
    sigset_t set = only(signo);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0;
}

static bool unblock(int signo)
{
    sigset_t set = only(signo);
    return sigprocmask(SIG_UNBLOCK, &set, NULL) == 0;
}

static bool is_pending(int signo)
{
    sigset_t set;
    return sigpending(&set) == 0 && sigismember(&set, signo) == 1;
}

static bool is_blocked(int signo)
{
    sigset_t set;
    return sigprocmask(SIG_BLOCK, NULL, &set) == 0 && sigismember(&set, signo) == 1;
}

/* ---- Handlers ---- */

BEHAVIOUR(psiginfo_prints, "XSH psiginfo: message and signal on standard error")
{
    siginfo_t info = {.si_signo = SIGTERM, .si_code = SI_USER};
    char text[200] = "";
    int file = open("a", O_RDWR | O_CREAT, 0600), before = dup(STDERR_FILENO);

    REQUIRE(file >= 0 && before >= 0);
    fflush(stderr);
    CHECK(dup2(file, STDERR_FILENO) == STDERR_FILENO);
    psiginfo(&info, "told");
    fflush(stderr);
    CHECK(dup2(before, STDERR_FILENO) == STDERR_FILENO);
    CHECK(pread(file, text, sizeof text - 1, 0) > 0);
    CHECK(strncmp(text, "told: ", 6) == 0 && strstr(text, strsignal(SIGTERM)) != NULL);
    CHECK(strchr(text, '\n') != NULL && strchr(text, '\n')[1] == '\0');
}

BEHAVIOUR(raise_handled, "XSH raise: the handler has run when raise returns")
{
    REQUIRE(catch_signal(SIGUSR1));
    CHECK(raise(SIGUSR1) == 0);
    EQUAL(seen, SIGUSR1);
    EQUAL(count, 1);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(kill_self, "XSH kill: an unblocked signal to oneself is delivered before kill returns")
{
    REQUIRE(catch_signal(SIGUSR2));
    CHECK(kill(getpid(), SIGUSR2) == 0);
    EQUAL(seen, SIGUSR2);
    signal(SIGUSR2, SIG_DFL);
}

BEHAVIOUR(signal_returns, "XSH signal: returns what was there before")
{
    CHECK(signal(SIGUSR1, note) == SIG_DFL);
    CHECK(signal(SIGUSR1, SIG_IGN) == note);
    CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
}

BEHAVIOUR(sigaction_tells, "XSH sigaction: tells the present action without changing it")
{
    struct sigaction action;

    REQUIRE(catch_with(SIGUSR1, note, SA_RESTART));
    CHECK(sigaction(SIGUSR1, NULL, &action) == 0);
    CHECK(action.sa_handler == note && (action.sa_flags & SA_RESTART) != 0);
    CHECK(raise(SIGUSR1) == 0 && seen == SIGUSR1);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(sigaction_refused, "XSH sigaction: SIGKILL and SIGSTOP cannot be caught: EINVAL")
{
    struct sigaction action = {.sa_handler = note};

    FAILS(sigaction(SIGKILL, &action, NULL), EINVAL);
    FAILS(sigaction(SIGSTOP, &action, NULL), EINVAL);
    FAILS(sigaction(9999, &action, NULL), EINVAL);
}

BEHAVIOUR(ignored, "XSH sigaction: a signal with SIG_IGN has no effect")
{
    CHECK(signal(SIGTERM, SIG_IGN) == SIG_DFL);
    CHECK(raise(SIGTERM) == 0);
    CHECK(signal(SIGTERM, SIG_DFL) == SIG_IGN);
}

static void note_nested(int signo)
{
    seen = signo;
    if (count++ == 0) {
        raise(signo);
        nested = count;
    }
}

BEHAVIOUR(blocked_in_handler, "XSH sigaction: the signal is blocked while its handler runs")
{
    REQUIRE(catch_with(SIGUSR1, note_nested, 0));
    CHECK(raise(SIGUSR1) == 0);
    EQUAL(nested, 1);
    EQUAL(count, 2);
    CHECK(!is_blocked(SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(nodefer, "XSH sigaction: with SA_NODEFER it is not")
{
    REQUIRE(catch_with(SIGUSR1, note_nested, SA_NODEFER));
    CHECK(raise(SIGUSR1) == 0);
    EQUAL(nested, 2);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(resethand,
          "XSH sigaction: SA_RESETHAND makes the action default when the handler is called")
{
    struct sigaction action;

    REQUIRE(catch_with(SIGUSR1, note, (int)SA_RESETHAND));
    CHECK(raise(SIGUSR1) == 0 && count == 1);
    CHECK(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
}

static void raise_other(int signo)
{
    raise(signo == SIGUSR1 ? SIGUSR2 : SIGUSR1);
    nested = count;
}

BEHAVIOUR(mask_in_handler, "XSH sigaction: sa_mask is blocked too while the handler runs")
{
    struct sigaction action = {.sa_handler = raise_other};

    REQUIRE(catch_signal(SIGUSR2));
    action.sa_mask = only(SIGUSR2);
    REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(raise(SIGUSR1) == 0);
    EQUAL(nested, 0);
    EQUAL(count, 1);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
}

static siginfo_t information;

static void keep_information(int signo, siginfo_t *info, void *context)
{
    seen = signo;
    information = *info;
    count += context != NULL;
}

static bool catch_information(int signo)
{
    struct sigaction action = {.sa_sigaction = keep_information, .sa_flags = SA_SIGINFO};

    sigemptyset(&action.sa_mask);
    seen = count = 0;
    return sigaction(signo, &action, NULL) == 0;
}

BEHAVIOUR(siginfo, "XSH sigaction: SA_SIGINFO handlers learn the number, SI_USER and the sender")
{
    REQUIRE(catch_information(SIGUSR1));
    CHECK(kill(getpid(), SIGUSR1) == 0);
    EQUAL(seen, SIGUSR1);
    EQUAL(information.si_signo, SIGUSR1);
    EQUAL(information.si_code, SI_USER);
    EQUAL(information.si_pid, getpid());
    EQUAL(count, 1);
    signal(SIGUSR1, SIG_DFL);
}

static void spoil_errno(int signo)
{
    seen = signo;
    errno = EXDEV;
}

BEHAVIOUR(handler_keeps_registers,
          "XSH 2.4.3: after the handler all goes on as if nothing had happened")
{
    volatile double number = 1.25;

    REQUIRE(catch_with(SIGUSR1, note, 0));
    double before = number * 3;
    CHECK(raise(SIGUSR1) == 0);
    CHECK(before == number * 3 && seen == SIGUSR1);
    CHECK(catch_with(SIGUSR1, spoil_errno, 0) && raise(SIGUSR1) == 0 && seen == SIGUSR1);
    signal(SIGUSR1, SIG_DFL);
}

/* ---- Masks ---- */

BEHAVIOUR(sigset_members, "XSH sigaddset, sigdelset, sigemptyset, sigfillset: sigismember tells")
{
    sigset_t set;

    CHECK(sigemptyset(&set) == 0 && sigismember(&set, SIGINT) == 0);
    CHECK(sigaddset(&set, SIGINT) == 0 && sigismember(&set, SIGINT) == 1);
    CHECK(sigismember(&set, SIGTERM) == 0);
    CHECK(sigfillset(&set) == 0 && sigismember(&set, SIGTERM) == 1);
    CHECK(sigdelset(&set, SIGTERM) == 0 && sigismember(&set, SIGTERM) == 0);
    FAILS(sigaddset(&set, 9999), EINVAL);
    FAILS(sigismember(&set, -1), EINVAL);
}

BEHAVIOUR(blocked_is_pending,
          "XSH sigprocmask: a blocked signal stays pending until it is unblocked")
{
    REQUIRE(catch_signal(SIGUSR1) && block(SIGUSR1));
    CHECK(raise(SIGUSR1) == 0);
    EQUAL(count, 0);
    CHECK(is_pending(SIGUSR1));
    CHECK(unblock(SIGUSR1));
    EQUAL(count, 1);
    CHECK(!is_pending(SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(pending_once, "XSH 2.4.1: a signal that is pending already is delivered at least once")
{
    REQUIRE(catch_signal(SIGUSR1) && block(SIGUSR1));
    CHECK(raise(SIGUSR1) == 0 && raise(SIGUSR1) == 0);
    CHECK(unblock(SIGUSR1));
    CHECK(count >= 1 && !is_pending(SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(ignoring_drops_pending,
          "XSH sigaction: SIG_IGN discards a pending signal, blocked or not")
{
    REQUIRE(catch_signal(SIGUSR1) && block(SIGUSR1));
    CHECK(raise(SIGUSR1) == 0 && is_pending(SIGUSR1));
    signal(SIGUSR1, SIG_IGN);
    CHECK(!is_pending(SIGUSR1));
    CHECK(catch_signal(SIGUSR1) && unblock(SIGUSR1));
    EQUAL(count, 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(continue_drops_stop,
          "XSH 2.4.1: SIGCONT discards a pending stop signal, a stop signal a pending SIGCONT")
{
    REQUIRE(block(SIGTSTP) && block(SIGCONT));
    CHECK(raise(SIGTSTP) == 0 && is_pending(SIGTSTP));
    CHECK(raise(SIGCONT) == 0 && is_pending(SIGCONT) && !is_pending(SIGTSTP));
    CHECK(raise(SIGTSTP) == 0 && is_pending(SIGTSTP) && !is_pending(SIGCONT));
    CHECK(kill(getpid(), SIGCONT) == 0);
    while (is_pending(SIGTSTP)) /* it may come a little later than it is sent */
        pause_for(20);
    CHECK(unblock(SIGTSTP) && unblock(SIGCONT));
}

BEHAVIOUR(sigprocmask_ways,
          "XSH sigprocmask: SIG_BLOCK adds, SIG_UNBLOCK takes away, SIG_SETMASK sets")
{
    sigset_t first = only(SIGUSR1), second = only(SIGUSR2), before;

    CHECK(sigprocmask(SIG_BLOCK, &first, &before) == 0);
    CHECK(sigprocmask(SIG_BLOCK, &second, NULL) == 0);
    CHECK(is_blocked(SIGUSR1) && is_blocked(SIGUSR2));
    CHECK(sigprocmask(SIG_UNBLOCK, &first, NULL) == 0);
    CHECK(!is_blocked(SIGUSR1) && is_blocked(SIGUSR2));
    CHECK(sigprocmask(SIG_SETMASK, &first, NULL) == 0);
    CHECK(is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
    FAILS(sigprocmask(99, &first, NULL), EINVAL);
    CHECK(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
}

BEHAVIOUR(never_blocked,
          "XSH sigprocmask: SIGKILL and SIGSTOP are never blocked, and it is no error")
{
    sigset_t all, before;

    sigfillset(&all);
    CHECK(sigprocmask(SIG_SETMASK, &all, &before) == 0);
    CHECK(!is_blocked(SIGKILL) && !is_blocked(SIGSTOP) && is_blocked(SIGTERM));
    CHECK(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
}

static sigjmp_buf place;

static void jump(int signo)
{
    seen = signo;
    siglongjmp(place, 1);
}

BEHAVIOUR(siglongjmp_mask, "XSH siglongjmp: out of a handler restores the mask that was saved")
{
    REQUIRE(catch_with(SIGUSR1, jump, 0));
    if (sigsetjmp(place, 1) == 0)
        raise(SIGUSR1);
    EQUAL(seen, SIGUSR1);
    CHECK(!is_blocked(SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
}

/* ---- Waiting ---- */

BEHAVIOUR(sigsuspend_waits,
          "XSH sigsuspend: lets a blocked signal in, returns EINTR, restores the mask")
{
    sigset_t none;

    sigemptyset(&none);
    REQUIRE(catch_signal(SIGUSR1) && block(SIGUSR1));
    CHECK(raise(SIGUSR1) == 0 && count == 0);
    FAILS(sigsuspend(&none), EINTR);
    EQUAL(count, 1);
    CHECK(is_blocked(SIGUSR1) && unblock(SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(sigwait_takes, "XSH sigwait: takes a pending signal without calling its handler")
{
    sigset_t set = only(SIGUSR1);
    int signo = 0;

    REQUIRE(catch_signal(SIGUSR1) && block(SIGUSR1));
    CHECK(raise(SIGUSR1) == 0);
    EQUAL(sigwait(&set, &signo), 0);
    EQUAL(signo, SIGUSR1);
    EQUAL(count, 0);
    CHECK(!is_pending(SIGUSR1) && unblock(SIGUSR1));
    EQUAL(count, 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(sigtimedwait_ends, "XSH sigtimedwait: EAGAIN when the time is over")
{
    const struct timespec time = {0, 30000000};
    sigset_t set = only(SIGUSR1);

    REQUIRE(block(SIGUSR1));
    long long before = milliseconds();
    FAILS(sigtimedwait(&set, NULL, &time), EAGAIN);
    CHECK(milliseconds() - before >= 29);
    CHECK(unblock(SIGUSR1));
}

BEHAVIOUR(sleep_interrupted,
          "XSH nanosleep: a handled signal ends it with EINTR and tells the rest")
{
    struct timespec time = {20, 0}, rest = {0, 0};
    char parent[20];

    snprintf(parent, sizeof parent, "%d", (int)getpid());
    REQUIRE(catch_signal(SIGUSR1));
    pid_t child = start_child("signals_after", parent, "500");
    FAILS(nanosleep(&time, &rest), EINTR);
    CHECK(count == 1 && rest.tv_sec > 0 && rest.tv_sec < 20);
    EQUAL(exit_status(child), 0);
    signal(SIGUSR1, SIG_DFL);
}

CHILD(signals_after)
{
    pause_for(atoi(argv[2]));
    return kill(atoi(argv[1]), SIGUSR1) != 0;
}

static int rung_pipe[2];

static void write_third(int signo)
{
    seen = signo;
    if (++count == 3 && write(rung_pipe[1], "x", 1) != 1)
        count = -100;
}

/* Reads from a pipe into which only the third signal writes. */
static ssize_t read_interrupted(int flags)
{
    char byte;

    if (!catch_with(SIGALRM, write_third, flags) || pipe(rung_pipe) != 0)
        return -2;
    ring_every(50);
    ssize_t n = read(rung_pipe[0], &byte, 1);
    ring_every(0);
    signal(SIGALRM, SIG_DFL);
    return n;
}

BEHAVIOUR(read_eintr, "XSH read: a handled signal ends a waiting read with EINTR")
{
    FAILS(read_interrupted(0), EINTR);
    EQUAL(seen, SIGALRM);
}

BEHAVIOUR(read_restarted, "XSH sigaction: with SA_RESTART the read goes on waiting")
{
    EQUAL(read_interrupted(SA_RESTART), 1);
    CHECK(count >= 3);
}

BEHAVIOUR(alarm_comes, "XSH alarm: SIGALRM comes not before the time, and ends pause with EINTR")
{
    REQUIRE(catch_signal(SIGALRM));
    long long before = milliseconds();
    EQUAL(alarm(1), 0);
    FAILS(pause(), EINTR);
    EQUAL(seen, SIGALRM);
    CHECK(milliseconds() - before >= 990);
    signal(SIGALRM, SIG_DFL);
}

BEHAVIOUR(alarm_replaced,
          "XSH alarm: a new one replaces the old and tells what was left; 0 cancels")
{
    EQUAL(alarm(100), 0);
    unsigned left = alarm(50);
    CHECK(left > 90 && left <= 100);
    left = alarm(0);
    CHECK(left > 40 && left <= 50);
    EQUAL(alarm(0), 0);
}

/* ---- Children and faults ---- */

CHILD(ends_at_once) { return 3; }

BEHAVIOUR(sigchld, "XBD signal.h: a child's end sends SIGCHLD, CLD_EXITED with its pid and status")
{
    sigset_t none, before, set = only(SIGCHLD);

    REQUIRE(catch_information(SIGCHLD));
    sigprocmask(SIG_BLOCK, &set, &before);
    sigemptyset(&none);
    pid_t child = start_child("ends_at_once", NULL, NULL);
    FAILS(sigsuspend(&none), EINTR);
    sigprocmask(SIG_SETMASK, &before, NULL);
    EQUAL(seen, SIGCHLD);
    EQUAL(information.si_code, CLD_EXITED);
    EQUAL(information.si_pid, child);
    EQUAL(information.si_status, 3);
    EQUAL(exit_status(child), 3);
    signal(SIGCHLD, SIG_DFL);
}

CHILD(raises)
{
    signal(atoi(argv[1]), SIG_DFL); /* nohup's children ignore SIGHUP */
    raise(atoi(argv[1]));
    return 0;
}

BEHAVIOUR(default_actions,
          "XBD signal.h: SIGUSR1 and SIGTERM end a process, SIGCHLD and SIGURG do not")
{
    const int ending[] = {SIGUSR1, SIGTERM, SIGALRM, SIGHUP}, harmless[] = {SIGCHLD, SIGURG};
    char number[20];
    int status;

    for (unsigned i = 0; i < sizeof ending / sizeof *ending; i++) {
        snprintf(number, sizeof number, "%d", ending[i]);
        pid_t child = start_child("raises", number, NULL);
        CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
        EQUAL(WTERMSIG(status), ending[i]);
    }
    for (unsigned i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        snprintf(number, sizeof number, "%d", harmless[i]);
        EQUAL(run_child("raises", number, NULL), 0);
    }
}

CHILD(has_action)
{
    struct sigaction action;

    if (sigaction(SIGUSR1, NULL, &action) != 0)
        return 2;
    return action.sa_handler != (argv[1][0] == 'i' ? SIG_IGN : SIG_DFL);
}

BEHAVIOUR(spawn_actions,
          "XSH posix_spawn: ignored signals stay ignored, caught ones become default")
{
    signal(SIGUSR1, SIG_IGN);
    EQUAL(run_child("has_action", "ignored", NULL), 0);
    signal(SIGUSR1, note);
    EQUAL(run_child("has_action", "default", NULL), 0);
    signal(SIGUSR1, SIG_DFL);
}

static sigjmp_buf after_fault;

static void leave_fault(int signo, siginfo_t *info, void *context)
{
    (void)context;
    seen = signo;
    information = *info;
    siglongjmp(after_fault, 1);
}

static bool catch_fault(int signo, int flags)
{
    struct sigaction action = {.sa_sigaction = leave_fault, .sa_flags = SA_SIGINFO | flags};

    sigemptyset(&action.sa_mask);
    seen = 0;
    return sigaction(signo, &action, NULL) == 0;
}

static void *volatile nowhere = (void *)16;

BEHAVIOUR(sigsegv, "XBD signal.h: a wrong access sends SIGSEGV, SEGV_MAPERR with its address")
{
    REQUIRE(catch_fault(SIGSEGV, 0));
    if (sigsetjmp(after_fault, 1) == 0)
        *(volatile int *)nowhere = 1;
    EQUAL(seen, SIGSEGV);
    EQUAL(information.si_code, SEGV_MAPERR);
    CHECK(information.si_addr == nowhere);
    signal(SIGSEGV, SIG_DFL);
}

static volatile int zero;

BEHAVIOUR(sigfpe, "XBD signal.h: an integer division by zero sends SIGFPE, FPE_INTDIV")
{
    REQUIRE(catch_fault(SIGFPE, 0));
    if (sigsetjmp(after_fault, 1) == 0)
        zero = 7 / zero;
    EQUAL(seen, SIGFPE);
    EQUAL(information.si_code, FPE_INTDIV);
    signal(SIGFPE, SIG_DFL);
}

CHILD(faults)
{
    *(volatile int *)nowhere = 1;
    return 0;
}

BEHAVIOUR(sigsegv_default, "XBD signal.h: SIGSEGV's default action ends the process")
{
    int status = 0;
    pid_t child = start_child("faults", NULL, NULL);

    EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    EQUAL(WTERMSIG(status), SIGSEGV);
}

static char other_stack[32768];
static volatile bool was_on_other;

static void look_at_stack(int signo)
{
    char here;

    seen = signo;
    /* cppcheck-suppress comparePointers */
    was_on_other = &here >= other_stack && &here < other_stack + sizeof other_stack;
}

BEHAVIOUR(altstack, "XSH sigaltstack: SA_ONSTACK handlers run on the stack that was given")
{
    stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack}, before;

    REQUIRE(sigaltstack(&stack, &before) == 0);
    CHECK((before.ss_flags & SS_DISABLE) != 0);
    REQUIRE(catch_with(SIGUSR1, look_at_stack, SA_ONSTACK));
    CHECK(raise(SIGUSR1) == 0 && was_on_other);
    REQUIRE(catch_with(SIGUSR1, look_at_stack, 0));
    CHECK(raise(SIGUSR1) == 0 && !was_on_other);
    stack.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&stack, NULL) == 0);
    signal(SIGUSR1, SIG_DFL);
}
