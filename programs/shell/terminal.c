/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "console.h"
#include "shell.h"

/* Above that of the programs it starts: so it has handed the terminal over and waits for a program
   before the first instruction of that, and the prompt answers while programs compute. */
#define SHELL_PRIORITY 20

/* What the terminal sends to whoever has it. */
static const int terminal_signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
#define TERMINAL_SIGNALS (sizeof terminal_signals / sizeof *terminal_signals)

void terminal_begin(void) { iris_thread_schedule(IRIS_SLOT_THREAD, SHELL_PRIORITY, 0, 0, 0, 0); }

void terminal_begin_prompt(void)
{
    for (size_t i = 0; i < TERMINAL_SIGNALS; i++)
        signal(terminal_signals[i], SIG_IGN); /* its own group is in front at the prompt */
    terminal_take();
}

static void set_attributes(posix_spawnattr_t *attributes, pid_t group)
{
    sigset_t defaults;
    posix_spawnattr_init(attributes);
    if (!shell.has_prompt)
        return;
    sigemptyset(&defaults);
    for (size_t i = 0; i < TERMINAL_SIGNALS; i++)
        sigaddset(&defaults, terminal_signals[i]);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    posix_spawnattr_setpgroup(attributes, group);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
}

pid_t terminal_spawn(const char *path, char *const argv[], char *const environment[], pid_t group)
{
    posix_spawnattr_t attributes;
    pid_t pid = -1;
    set_attributes(&attributes, group);
    errno = posix_spawn(&pid, path, NULL, &attributes, argv, environment);
    return errno == 0 ? pid : -1;
}

void terminal_give(pid_t group)
{
    if (!shell.has_prompt)
        return;
    tcsetpgrp(STDIN_FILENO, group);
    console_set_mode(IRIS_SLOT_STDIN, CONSOLE_MODE_COOKED); /* a Ctrl-C typed ahead counts */
}

void terminal_take(void)
{
    if (shell.has_prompt)
        tcsetpgrp(STDIN_FILENO, getpgrp());
}
