/* SPDX-License-Identifier: MIT */
/* The process group that a terminal signals: POSIX.1-2017, tcsetpgrp, tcgetpgrp. */
#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <iris/object.h>

#include "console.h" /* generated from servers/console/console.idl */
#include "files.h"
#include "libc.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "slots.h"
#include "threads.h"

/* ---- Who is not in front (XBD 11.1.4) ---- */

static bool is_of_session(uint32_t group)
{
    uint32_t own = 0, other = 0, unused;
    return process_group(IRIS_SLOT_PROCESS, group, &unused, &other) != 0 ||
           process_group(IRIS_SLOT_PROCESS, 0, &unused, &own) != 0 || own == other;
}

/* Whether another group of this session has the terminal. */
static bool is_in_background(const struct open_file *file)
{
    uint32_t front = 0;
    return console_foreground_group(file->handle, &front) == 0 && front != 0 &&
           (pid_t)front != getpgrp() && is_of_session(front);
}

/* action.c: only in programs that handle signals. */
void libc_signals_inherited(uint64_t *blocked, uint64_t *ignored) __attribute__((weak));

static bool is_refused(int signal)
{
    uint64_t blocked = start_info.blocked, ignored = start_info.ignored;
    if (libc_signals_inherited != NULL)
        libc_signals_inherited(&blocked, &ignored);
    return (blocked | ignored) & 1ull << (signal - 1);
}

int terminal_await(const struct open_file *file, int signal)
{
    thread_forget_handlers();
    while (is_in_background(file)) {
        if (is_refused(signal))
            return signal == SIGTTIN ? -EIO : 0;
        int error = process_background(IRIS_SLOT_PROCESS, (uint32_t)signal);
        if (error != 0 || thread_was_broken())
            return error != 0 ? error : -EINTR;
    }
    return 0;
}

/* ---- Who is ---- */

/* A held terminal; NULL with *error. */
static struct open_file *hold_terminal(int fd, int *error)
{
    struct open_file *file = files_hold(fd);
    *error = file == NULL ? -EBADF : console_narrow(file->handle) != 0 ? -ENOTTY : 0;
    if (*error == 0 || file == NULL)
        return file;
    files_drop(file);
    return NULL;
}

int tcsetpgrp(int fd, pid_t group)
{
    uint32_t signals = 0;
    int error = 0;
    struct open_file *file = group > 0 ? hold_terminal(fd, &error) : NULL;
    if (file == NULL)
        return libc_result(error != 0 ? error : -EINVAL);
    error = terminal_await(file, SIGTTOU);
    if (error == 0)
        error = process_group_portal(IRIS_SLOT_PROCESS, (uint32_t)group, &signals);
    if (error == 0) {
        error = console_foreground(file->handle, (uint32_t)group, signals);
        iris_handle_discard(signals);
    }
    files_drop(file);
    return libc_result(error);
}

/* A terminal without a group in the foreground tells one that nobody has, as POSIX wants it. */
pid_t tcgetpgrp(int fd)
{
    const pid_t nobody = 0x7fffffff;
    uint32_t group = 0;
    int error;
    struct open_file *file = hold_terminal(fd, &error);
    if (file == NULL)
        return libc_result(error);
    error = console_foreground_group(file->handle, &group);
    files_drop(file);
    return error != 0 ? libc_result(error) : group != 0 ? (pid_t)group : nobody;
}
