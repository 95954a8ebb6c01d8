/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builtin.h"
#include "execute.h"
#include "function.h"
#include "glob.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

#define PATH_DEFAULT "/bin"
#define HEAD_BYTES 256 /* of a file, to see whether it is a text */

/* ---- Finding programs ---- */

/* 0, or why a file cannot be started. */
static int look_at(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno;
    if (S_ISDIR(status.st_mode))
        return EISDIR;
    return status.st_mode & 0111 ? 0 : EACCES;
}

static const char *in_folder(const char *folder, size_t length, const char *name)
{
    struct text text = {.arena = &shell.arena};
    text_put(&text, folder, length);
    text_put_string(&text, length > 0 ? "/" : "");
    text_put_string(&text, name);
    return text_string(&text);
}

/* A search along $PATH, and what it found. */
struct search {
    const char *name, *path;
    int error;
};

static bool search_folders(void *context)
{
    struct search *search = context;
    const char *folders = vars_get("PATH");
    folders = folders != NULL ? folders : PATH_DEFAULT;
    while (folders != NULL && search->error != 0) {
        size_t length = strcspn(folders, ":");
        search->path = in_folder(folders, length, search->name);
        int error = look_at(search->path);
        search->error = error == 0 || error == EACCES ? error : search->error;
        folders = folders[length] == ':' ? folders + length + 1 : NULL;
    }
    return true;
}

const char *child_find(const char *name)
{
    struct search search = {.name = name, .path = name, .error = ENOENT};
    if (strchr(name, '/') != NULL)
        search.error = look_at(name);
    else if (*name != '\0' && !arena_try(&shell.arena, search_folders, &search))
        search.error = ENOMEM;
    errno = search.error;
    return search.error == 0 ? search.path : NULL;
}

/* ---- Starting ---- */

/* One launch: the words, and what came of it. */
struct launch {
    struct job *job;
    char *const *argv;
    const char *text; /* of a part for another shell, instead of words */
    int status;
};

static int refuse(const char *name, int error)
{
    if (error == ENOENT || error == ENOTDIR) {
        shell_complain("%s: unknown command; try help", name);
        return STATUS_UNKNOWN;
    }
    shell_complain("%s: cannot start: %s", name, strerror(error));
    return STATUS_NO_PROGRAM;
}

/* A file that is no program and does not say by `#!` what runs it: this shell does, if it is a text
   (XCU 2.9.1.1). Starts `shell path arguments...`. */
static int launch_script(struct job *job, const char *path, char *const argv[])
{
    char head[HEAD_BYTES];
    struct list words = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, head, HEAD_BYTES) : -1;
    if (fd >= 0)
        close(fd);
    if (size < 0)
        return errno;
    if (memchr(head, '\0', (size_t)size) != NULL || (size >= 2 && memcmp(head, "#!", 2) == 0))
        return ENOEXEC;
    list_add(&shell.arena, &words, (char *)shell.program);
    list_add(&shell.arena, &words, (char *)path);
    for (argv++; *argv != NULL; argv++)
        list_add(&shell.arena, &words, *argv);
    return job_launch(job, shell.program, words.items, vars_environment(&shell.arena));
}

static bool start_program(void *context)
{
    struct launch *launch = context;
    const char *path = child_find(launch->argv[0]);
    int error = errno;
    if (path != NULL)
        error = job_launch(launch->job, path, launch->argv, vars_environment(&shell.arena));
    if (path != NULL && error == ENOEXEC)
        error = launch_script(launch->job, path, launch->argv);
    launch->status = error != 0 ? refuse(launch->argv[0], error) : 0;
    return true;
}

static int start(bool (*work)(void *context), struct launch launch)
{
    if (arena_try(&shell.arena, work, &launch))
        return launch.status;
    shell_complain("out of memory");
    return STATUS_ERROR;
}

int child_program(struct job *job, char *const argv[])
{
    return start(start_program, (struct launch){.job = job, .argv = argv});
}

/* ---- Shells for parts ---- */

static char *state_text(void)
{
    struct text text = {.arena = &shell.arena};
    vars_print_all(&text);
    function_print_all(&text);
    return text_string(&text);
}

static char *options_text(void)
{
    struct text text = {.arena = &shell.arena};
    text_put_string(&text, "set ");
    text_put_string(&text, shell.exits_on_error && shell.tested == 0 ? "-e " : "+e ");
    text_put_string(&text, shell.unset_is_error ? "-u " : "+u ");
    text_put_string(&text, shell.no_glob ? "-f " : "+f ");
    text_put_string(&text, shell.traces ? "-x" : "+x");
    return text_string(&text);
}

static char *numbers_text(void)
{
    char *text = arena_take(&shell.arena, 40);
    snprintf(text, 40, "%d %d %d", (int)shell.pid, shell.status, (int)shell.last_background);
    return text;
}

static bool start_shell(void *context)
{
    struct launch *launch = context;
    char *const fixed[] = {"shell",      CHILD_OPTION,   numbers_text(),      (char *)shell.name,
                           state_text(), options_text(), (char *)launch->text};
    struct list words = {0};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        list_add(&shell.arena, &words, fixed[i]);
    for (int i = 0; i < shell.argument_count; i++)
        list_add(&shell.arena, &words, shell.arguments[i]);
    int error = job_launch(launch->job, shell.program, words.items, vars_environment(&shell.arena));
    launch->status = error != 0 ? refuse("shell", error) : 0;
    return true;
}

int child_shell(struct job *job, const char *text)
{
    return start(start_shell, (struct launch){.job = job, .text = text});
}

int child_main(int argc, char *argv[])
{
    int pid = 0, status = 0, background = 0;
    if (argc < 7 || sscanf(argv[2], "%d %d %d", &pid, &status, &background) != 3)
        return STATUS_USAGE;
    shell.pid = pid;
    shell.last_background = background;
    shell.name = argv[3];
    if (!shell_set_arguments(argv + 7, argc - 7))
        return STATUS_ERROR;
    execute_text(argv[4], 1);
    execute_text(argv[5], 1);
    shell.status = status;
    execute_text(argv[6], 1);
    trap_run_exit();
    return shell.status;
}
