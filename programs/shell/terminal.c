/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <errno.h>
#include <spawn.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "console.h"
#include "process.h"
#include "shell.h"
#include "slots.h"

/* Above that of the programs it starts: so it has handed the terminal over and waits for a program
   before the first instruction of that, and the prompt answers while programs compute. */
#define SHELL_PRIORITY 20

void terminal_begin(void) { iris_thread_schedule(IRIS_SLOT_THREAD, SHELL_PRIORITY, 0, 0, 0, 0); }

pid_t terminal_spawn(const char *path, char *const argv[], char *const environment[], pid_t group)
{
    posix_spawnattr_t attributes;
    pid_t pid = -1;
    int error = posix_spawnattr_init(&attributes);
    if (error == 0 && shell.has_prompt)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if (error == 0)
        error = posix_spawnattr_setpgroup(&attributes, group);
    if (error == 0)
        error = posix_spawn(&pid, path, NULL, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    errno = error;
    return error == 0 ? pid : -1;
}

void terminal_give(pid_t group)
{
    uint32_t portal = 0;
    if (!shell.has_prompt || process_group_portal(IRIS_SLOT_PROCESS, (uint32_t)group, &portal) != 0)
        return;
    console_foreground(IRIS_SLOT_STDIN, portal);
    console_set_mode(IRIS_SLOT_STDIN, CONSOLE_MODE_COOKED); /* a Ctrl-C typed ahead counts */
    iris_handle_discard(portal);
}

void terminal_take(void)
{
    if (shell.has_prompt)
        console_foreground_clear(IRIS_SLOT_STDIN);
}
