/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <errno.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/spawn.h>

#include "console.h"
#include "shell.h"
#include "slots.h"

/* Above that of the programs it starts: so it has handed the terminal over and waits for a program
   before the first instruction of that, and the prompt answers while programs compute. */
#define SHELL_PRIORITY 20

void terminal_begin(void) { iris_thread_schedule(IRIS_SLOT_THREAD, SHELL_PRIORITY, 0, 0, 0, 0); }

pid_t terminal_spawn(const char *path, char *const argv[], char *const environment[],
                     uint32_t *control)
{
    struct iris_spawn options = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, environment};
    return iris_spawn(path, argv, &options, control);
}

void terminal_give(uint32_t control)
{
    if (!shell.has_prompt)
        return;
    console_foreground(IRIS_SLOT_STDIN, control);
    console_set_mode(IRIS_SLOT_STDIN, CONSOLE_MODE_COOKED); /* a Ctrl-C typed ahead counts */
}

void terminal_take(void)
{
    if (shell.has_prompt)
        console_foreground_clear(IRIS_SLOT_STDIN);
}

void terminal_forget(uint32_t control)
{
    if (control != 0)
        iris_handle_discard(control);
}

/* The library has none yet. */
int __attribute__((weak)) pipe(int ends[2])
{
    (void)ends;
    errno = ENOSYS;
    return -1;
}
