/* SPDX-License-Identifier: MIT */
/* Processes: the process service knows them; POSIX words for what it says. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/spawn.h>

#include "files.h"
#include "libc.h"
#include "newlib_hooks.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "slots.h"

#define PATH_PROGRAMS "/bin/"
#define STATUS_SIGNAL 128 /* exit status of who ends itself by a signal, as shells show it */

extern char **environ;

/* ---- Ends ---- */

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

/* Signal 0 only asks whether there is such a process. */
static int probe(pid_t pid)
{
    struct process_info info;
    char name[32 + 1];
    int error = process_entry(IRIS_SLOT_PROCESS, (uint32_t)pid, &info, name);
    if (error == 0 && info.pid != (uint32_t)pid)
        error = -ENOENT;
    return error;
}

/* There are no signals between processes: every one that is sent kills. */
int _kill(pid_t pid, int signal)
{
    if (pid <= 0 || signal < 0 || signal >= NSIG)
        return libc_result(-EINVAL);
    if (pid == _getpid() && signal != 0)
        _exit(STATUS_SIGNAL + signal);
    int error = signal == 0 ? probe(pid) : process_kill(IRIS_SLOT_PROCESS, (uint32_t)pid);
    return libc_result(error == -ENOENT ? -ESRCH : error);
}

/* ---- Waiting ---- */

/* The signal that a processor exception is in POSIX (SDM 3A table 6-1). */
static int fault_signal(uint32_t vector)
{
    switch (vector) {
    case 0:
    case 16:
    case 19:
        return SIGFPE;
    case 1:
    case 3:
        return SIGTRAP;
    case 6:
    case 7:
        return SIGILL;
    case 17:
        return SIGBUS;
    default:
        return SIGSEGV;
    }
}

/* The process service's status in the form that sys/wait.h takes apart. */
static int wait_status(uint32_t status)
{
    if (status & PROCESS_STATUS_FAULT)
        return fault_signal(status & 0xff);
    if (status & PROCESS_STATUS_KILLED)
        return SIGKILL;
    return (int)(status & 0xff) << 8;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    uint32_t ended = 0, how = 0;
    if (pid < -1 || pid == 0) /* there are no process groups */
        return libc_result(pid == 0 ? -ECHILD : -EINVAL);
    int error = process_wait(IRIS_SLOT_PROCESS, pid == -1 ? 0 : (uint32_t)pid,
                             options & WNOHANG ? PROCESS_WAIT_POLL : 0, &ended, &how);
    if (error == -EAGAIN && (options & WNOHANG))
        return 0;
    if (error != 0)
        return libc_result(error == -ENOENT ? -ECHILD : error);
    if (status != NULL)
        *status = wait_status(how);
    return (pid_t)ended;
}

pid_t _wait(int *status) { return waitpid(-1, status, 0); }

/* ---- Starting ---- */

/* Strings one after the other, each with its zero byte. */
struct block {
    char *bytes;
    uint32_t size, capacity, count;
};

static int block_add(struct block *block, const char *prefix, const char *text)
{
    uint32_t size = (uint32_t)(strlen(prefix) + strlen(text) + 1);
    if (size > block->capacity - block->size) {
        uint32_t capacity = 2 * block->capacity + size;
        char *larger = realloc(block->bytes, capacity);
        if (larger == NULL)
            return -ENOMEM;
        block->bytes = larger;
        block->capacity = capacity;
    }
    strcpy(stpcpy(block->bytes + block->size, prefix), text);
    block->size += size;
    block->count++;
    return 0;
}

static int block_add_all(struct block *block, char *const *strings)
{
    int error = 0;
    for (; error == 0 && *strings != NULL; strings++)
        if (strncmp(*strings, "PWD=", 4) != 0)
            error = block_add(block, "", *strings);
    return error;
}

/* Arguments, environment and, in the environment, the current directory. */
static int block_fill(struct block *block, char *const argv[], char *const *environment,
                      uint32_t *argc)
{
    char directory[FILES_PATH_MAX + 2];
    int error = 0;
    for (; error == 0 && *argv != NULL; argv++)
        error = block_add(block, "", *argv);
    *argc = block->count;
    if (error == 0)
        error = block_add_all(block, environment);
    if (error == 0 && getcwd(directory, sizeof directory) != NULL)
        error = block_add(block, "PWD=", directory);
    return error;
}

/* The path as the process service takes it; a bare name means a program of /bin. */
static int program_path(const char *path, char resolved[FILES_PATH_MAX + 1])
{
    char full[FILES_PATH_MAX + 1];
    if (*path == '\0')
        return -ENOENT;
    if (strchr(path, '/') != NULL)
        return path_resolve(path, resolved);
    if (strlen(path) > FILES_PATH_MAX - strlen(PATH_PROGRAMS))
        return -ENAMETOOLONG;
    strcpy(stpcpy(full, PATH_PROGRAMS), path);
    return path_resolve(full, resolved);
}

static int spawn_files(const char *path, const struct block *block, uint32_t argc,
                       struct open_file *const files[3], uint32_t *pid, uint32_t *child)
{
    return process_spawn(IRIS_SLOT_PROCESS, path, argc, block->count - argc, block->bytes,
                         block->size, files[0]->handle, files[1]->handle, files[2]->handle, pid,
                         child);
}

pid_t iris_spawn(const char *path, char *const argv[], const struct iris_spawn *options,
                 uint32_t *child)
{
    static const struct iris_spawn standard = {0, 1, 2, NULL};
    struct block block = {.capacity = 0};
    struct open_file *files[3];
    char resolved[FILES_PATH_MAX + 1];
    uint32_t argc, pid = 0, control = 0;
    if (options == NULL)
        options = &standard;
    files[0] = files_hold(options->input);
    files[1] = files_hold(options->output);
    files[2] = files_hold(options->error);
    int error = files[0] != NULL && files[1] != NULL && files[2] != NULL ? 0 : -EBADF;
    if (error == 0)
        error = program_path(path, resolved);
    if (error == 0)
        error = block_fill(&block, argv,
                           options->environment != NULL ? options->environment : environ, &argc);
    if (error == 0)
        error = spawn_files(resolved, &block, argc, files, &pid, &control);
    free(block.bytes);
    for (int i = 0; i < 3; i++)
        if (files[i] != NULL)
            files_drop(files[i]);
    if (error == 0 && child != NULL)
        *child = control;
    else if (error == 0)
        iris_handle_discard(control);
    return error != 0 ? (pid_t)libc_result(error) : (pid_t)pid;
}

/* A space cannot be copied or replaced; iris_spawn starts programs. */
pid_t _fork(void) { return libc_result(-ENOSYS); }

int _execve(const char *path, char *const argv[], char *const environment[])
{
    (void)path;
    (void)argv;
    (void)environment;
    return libc_result(-ENOSYS);
}

/* No command processor takes a line as an argument yet: ISO C 7.22.4.8 lets system say so. */
int _system(const char *command) { return command == NULL ? 0 : libc_result(-ENOSYS); }
