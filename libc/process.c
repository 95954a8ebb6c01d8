/* SPDX-License-Identifier: MIT */
/* Oneself among processes: the process service knows them. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "libc.h"
#include "newlib_hooks.h"
#include "process.h" /* generated from servers/proc/process.idl */

/* Tells the process service, which destroys this space; servers that are no process just end. */
void _exit(int status)
{
    process_exit(IRIS_SLOT_PROCESS, (uint32_t)status & 0xff);
    for (;;)
        iris_thread_exit((uint32_t)status);
}

pid_t _getpid(void)
{
    uint32_t pid = 0, parent = 0;
    if (start_info.pid == 0 && process_identify_self(IRIS_SLOT_PROCESS, &pid, &parent) == 0)
        start_info.pid = pid;
    return (pid_t)start_info.pid;
}

pid_t getppid(void)
{
    uint32_t pid = 0, parent = 0;
    if (process_identify_self(IRIS_SLOT_PROCESS, &pid, &parent) != 0)
        return 0;
    return (pid_t)parent;
}

int libc_process_result(int error) { return libc_result(error == -ENOENT ? -ESRCH : error); }

/* ---- Groups and sessions ---- */

pid_t getpgid(pid_t pid)
{
    uint32_t group = 0, session = 0;
    if (pid < 0)
        return libc_result(-EINVAL);
    int error = process_group(IRIS_SLOT_PROCESS, (uint32_t)pid, &group, &session);
    return error != 0 ? libc_process_result(error) : (pid_t)group;
}

pid_t getpgrp(void) { return getpgid(0); }

pid_t getsid(pid_t pid)
{
    uint32_t group = 0, session = 0;
    if (pid < 0)
        return libc_result(-EINVAL);
    int error = process_group(IRIS_SLOT_PROCESS, (uint32_t)pid, &group, &session);
    return error != 0 ? libc_process_result(error) : (pid_t)session;
}

int setpgid(pid_t pid, pid_t group)
{
    if (pid < 0 || group < 0)
        return libc_result(-EINVAL);
    return libc_process_result(
        process_group_set(IRIS_SLOT_PROCESS, (uint32_t)pid, (uint32_t)group));
}

int setpgrp(void) { return setpgid(0, 0); }

pid_t setsid(void)
{
    int error = process_session_begin(IRIS_SLOT_PROCESS);
    return error != 0 ? libc_result(error) : _getpid();
}

/* ---- Users: there is one, who may what his handles let him ---- */

uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
gid_t getgid(void) { return 0; }
gid_t getegid(void) { return 0; }

/* ---- Signals to others ---- */

static int send(enum process_which which, uint32_t id, int signal, const struct signal_note *note)
{
    return libc_process_result(
        process_signal(IRIS_SLOT_PROCESS, which, id, (uint32_t)signal, note));
}

int _kill(pid_t pid, int signal)
{
    const struct signal_note note = {.code = SI_USER};
    if (signal < 0 || signal >= NSIG)
        return libc_result(-EINVAL);
    if (pid > 0)
        return send(PROCESS_WHICH_ONE, (uint32_t)pid, signal, &note);
    if (pid == -1)
        return send(PROCESS_WHICH_ALL, 0, signal, &note);
    return send(PROCESS_WHICH_GROUP, (uint32_t)-pid, signal, &note);
}

int killpg(pid_t group, int signal)
{
    return group < 0 || group == 1 ? libc_result(-EINVAL) : _kill(-group, signal);
}

int sigqueue(pid_t pid, int signal, const union sigval value)
{
    const struct signal_note note = {.code = SI_QUEUE, .value = (uint32_t)value.sival_int};
    if (signal < 0 || signal >= NSIG || pid <= 0)
        return libc_result(pid <= 0 ? -ESRCH : -EINVAL);
    return send(PROCESS_WHICH_ONE, (uint32_t)pid, signal, &note);
}

/* A space cannot be copied or replaced; posix_spawn and iris_spawn start programs. */
pid_t _fork(void) { return libc_result(-ENOSYS); }

int _execve(const char *path, char *const argv[], char *const environment[])
{
    (void)path;
    (void)argv;
    (void)environment;
    return libc_result(-ENOSYS);
}
