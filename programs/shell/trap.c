/* SPDX-License-Identifier: MIT */
#include "trap.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "arena.h"
#include "builtin.h"
#include "execute.h"
#include "shell.h"
#include "signals.h"
#include "vars.h"

#define CONDITIONS 65 /* signals, and the shell's end as 0 */

static struct {
    char *action[CONDITIONS];            /* "": ignored; NULL: nothing was said */
    struct sigaction before[CONDITIONS]; /* what was there before the shell changed it */
    bool is_changed[CONDITIONS];         /* `before` counts */
    volatile sig_atomic_t came[CONDITIONS];
    volatile sig_atomic_t any; /* of `came` */
    unsigned depth;            /* of actions that run */
    int status;                /* $? before the outermost of them */
} trap;

static void note(int signal)
{
    trap.came[signal] = 1;
    trap.any = 1;
}

static bool is_action(int signal) { return trap.action[signal] != NULL && *trap.action[signal]; }

/* ---- Setting ---- */

/* Signals that were ignored when a shell without a prompt began stay so (XCU trap). */
static bool is_fixed(int signal)
{
    return !shell.has_prompt && trap.is_changed[signal] &&
           trap.before[signal].sa_handler == SIG_IGN;
}

/* Has the system do what the shell was told; an error number. */
static int apply(int signal)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    if (signal == 0)
        return 0;
    if (!trap.is_changed[signal]) {
        if (sigaction(signal, NULL, &trap.before[signal]) != 0)
            return errno;
        trap.is_changed[signal] = true;
    }
    if (is_fixed(signal))
        return 0;
    if (trap.action[signal] == NULL)
        action = trap.before[signal];
    else if (*trap.action[signal] == '\0')
        action.sa_handler = SIG_IGN;
    return sigaction(signal, &action, NULL) == 0 ? 0 : errno;
}

/* `text` NULL: as it was. */
static int set(int signal, const char *text)
{
    char *copy = text != NULL ? strdup(text) : NULL;
    if (text != NULL && copy == NULL) {
        errno = ENOMEM;
        return builtin_failed("trap", text);
    }
    char *old = trap.action[signal];
    trap.action[signal] = copy;
    trap.came[signal] = 0;
    int error = apply(signal);
    if (error != 0) { /* KILL and STOP: as if nothing had been said */
        trap.action[signal] = old;
        free(copy);
        errno = error;
        return builtin_failed("trap", signals_name(signal) != NULL ? signals_name(signal) : "");
    }
    free(old);
    return 0;
}

/* ---- trap ---- */

static bool print_all(void *context)
{
    struct text text = {.arena = &shell.arena};
    char number[12];
    (void)context;
    for (int signal = 0; signal < CONDITIONS; signal++) {
        if (trap.action[signal] == NULL)
            continue;
        const char *name = signal == 0 ? "EXIT" : signals_name(signal);
        snprintf(number, sizeof number, "%d", signal);
        text_put_string(&text, "trap -- ");
        vars_put_quoted(&text, trap.action[signal]);
        text_put_string(&text, " ");
        text_put_string(&text, name != NULL ? name : number);
        text_put_string(&text, "\n");
    }
    fputs(text_string(&text), stdout);
    return true;
}

int builtin_trap(int argc, char *argv[])
{
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1, status = 0;
    if (first == argc)
        return arena_try(&shell.arena, print_all, NULL) ? 0 : STATUS_ERROR;
    const char *action = argv[first];
    if (argc - first == 1 || (*action >= '0' && *action <= '9' && signals_number(action) >= 0))
        action = NULL; /* only conditions: they become as they were */
    else
        first++;
    if (action != NULL && strcmp(action, "-") == 0)
        action = NULL;
    for (int i = first; i < argc; i++) {
        int signal = signals_number(argv[i]);
        if (signal < 0 || signal >= CONDITIONS) {
            shell_complain("trap: %s: no such signal", argv[i]);
            status = STATUS_ERROR;
        } else if (set(signal, action) != 0) {
            status = STATUS_ERROR;
        }
    }
    return status;
}

/* ---- Running ---- */

int trap_pending(void)
{
    for (int signal = 1; trap.any && signal < CONDITIONS; signal++)
        if (trap.came[signal] && is_action(signal))
            return signal;
    return 0;
}

int trap_exit_status(void) { return trap.depth > 0 ? trap.status : shell.status; }

/* $? is what it was, unless the action ends the shell or leaves a function. */
static void run(const char *action)
{
    char *copy = strdup(action); /* it may set itself anew */
    int status = shell.status;
    unsigned line = shell.line;
    if (copy == NULL) {
        shell_complain("out of memory");
        return;
    }
    if (trap.depth++ == 0)
        trap.status = status;
    execute_text(copy, shell.line);
    trap.depth--;
    free(copy);
    shell.line = line;
    if (shell.flow == FLOW_ON)
        shell.status = status;
}

void trap_run(void)
{
    for (int signal; shell.flow == FLOW_ON && (signal = trap_pending()) != 0;) {
        trap.came[signal] = 0;
        run(trap.action[signal]);
    }
    if (trap_pending() == 0)
        trap.any = 0;
}

void trap_forget_exit(void)
{
    free(trap.action[0]);
    trap.action[0] = NULL;
}

void trap_run_exit(void)
{
    char *action = trap.action[0];
    int status = shell.status;
    if (action == NULL)
        return;
    trap.action[0] = NULL;
    shell.flow = FLOW_ON;
    shell.loops = shell.calls = shell.tested = 0;
    run(action);
    if (shell.flow != FLOW_EXIT)
        shell.status = status;
    free(action);
}

/* ---- Waiting ---- */

static bool has_actions(void)
{
    int signal = 1;
    while (signal < CONDITIONS && !is_action(signal))
        signal++;
    return signal < CONDITIONS;
}

static void wake(int signal) { (void)signal; }

/* Signals come only while it sleeps, so that none is missed between the look and the sleep; a child
   that ends is one of them. */
pid_t trap_waitpid(pid_t pid, int *status, int options)
{
    if (!has_actions()) /* a handler costs a process a thread */
        return waitpid(pid, status, options);
    const struct sigaction wakes = {.sa_handler = wake};
    struct sigaction child;
    sigset_t all, old;
    pid_t result;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    if (!is_action(SIGCHLD))
        sigaction(SIGCHLD, &wakes, &child);
    while ((result = waitpid(pid, status, options | WNOHANG)) == 0 && trap_pending() == 0)
        sigsuspend(&old);
    if (!is_action(SIGCHLD))
        sigaction(SIGCHLD, &child, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return result;
}
