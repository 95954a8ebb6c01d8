/* SPDX-License-Identifier: MIT */
/* Starting programs: strings and files are gathered here; the process service makes processes. */
#include "spawn_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iris/object.h>
#include <iris/spawn.h>

#include "child.h"
#include "libc.h"
#include "slots.h"

#define PATH_PROGRAMS "/bin/"
#define ARCHIVE_PATH_MAX 120u /* as process.spawn takes it */

extern char **environ;

/* ---- Strings one after the other, each with its zero byte ---- */

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
                      const char *directory, uint32_t *argc)
{
    int error = 0;
    for (; error == 0 && *argv != NULL; argv++)
        error = block_add(block, "", *argv);
    *argc = block->count;
    if (error == 0)
        error = block_add_all(block, environment);
    return error == 0 ? block_add(block, "PWD=", directory) : error;
}

/* ---- The start ---- */

/* The files that stay open, by the handles that are ours. */
static struct iris_file_slot *list_files(const struct spawn_plan *plan, uint32_t *count)
{
    struct iris_file_slot *list = malloc((plan->count + 1) * sizeof *list);
    *count = 0;
    for (uint32_t i = 0; list != NULL && i < plan->count; i++) {
        const struct spawn_file *file = &plan->files[i];
        if (!file->closes)
            list[(*count)++] =
                (struct iris_file_slot){(uint32_t)file->descriptor, file->file->handle};
    }
    return list;
}

/* Makes a child of the boot archive's program, which it shares with others, or else of the file
   that the path leads to. */
static int make_child(struct program_file *file, const char *path, struct child *child)
{
    char resolved[FILES_PATH_MAX + 1];
    int error = path_resolve(path, resolved);
    if (error != 0)
        return error;
    error = -ENOENT;
    if (strlen(resolved) <= ARCHIVE_PATH_MAX && !path_wants_directory(path))
        error = process_spawn(IRIS_SLOT_PROCESS, resolved, &child->pid, &child->control);
    if (error != -ENOENT && error != -ENOEXEC)
        return error;
    error = program_open(file, path);
    return error == 0 ? program_make(file, resolved, child) : error;
}

/* Gives the child its files and its strings, and lets it go. */
static int begin(const struct spawn_plan *plan, struct child *child, char *const argv[],
                 char *const *environment)
{
    struct block block = {.capacity = 0};
    struct iris_file_slot *files = list_files(plan, &child->files_count);
    int error = files != NULL ? 0 : -ENOMEM;
    if (error == 0)
        error = block_fill(&block, argv, environment != NULL ? environment : environ,
                           plan->directory, &child->argc);
    child->files = files;
    child->block = block.bytes;
    child->block_size = block.size;
    child->envc = block.count - child->argc;
    if (error == 0)
        error = child_begin(child);
    else
        iris_handle_discard(child->control);
    free(files);
    free(block.bytes);
    return error;
}

/* A script's interpreter has to be a program. */
static int run(const struct spawn_plan *plan, struct child *child, const char *path,
               char *const argv[], char *const *environment)
{
    struct program_file file = {.handle = 0}, other = {.handle = 0};
    struct script script = {.argv = NULL};
    int error = make_child(&file, path, child);
    if (error == -ENOEXEC) {
        error = script_begin(&script, &file, path, argv);
        if (error == 0)
            error = make_child(&other, script.interpreter, child);
        argv = script.argv;
    }
    program_close(&file);
    program_close(&other);
    if (error == 0)
        error = begin(plan, child, argv, environment);
    script_end(&script);
    return error;
}

int spawn_run(const struct spawn_plan *plan, const char *path, char *const argv[],
              char *const *environment, uint32_t *control)
{
    struct child child = {.terms = plan->terms};
    int error = run(plan, &child, path, argv, environment);
    if (error == 0 && control != NULL)
        *control = child.control;
    else if (error == 0)
        iris_handle_discard(child.control);
    return error != 0 ? error : (int)child.pid;
}

/* ---- iris_spawn ---- */

/* A bare name means a program of /bin. */
static int start_program(const struct spawn_plan *plan, const char *path, char *const argv[],
                         char *const *environment, uint32_t *control)
{
    char full[FILES_PATH_MAX + 1];
    if (*path == '\0' || strchr(path, '/') != NULL)
        return spawn_run(plan, path, argv, environment, control);
    if (strlen(path) > FILES_PATH_MAX - strlen(PATH_PROGRAMS))
        return -ENAMETOOLONG;
    strcpy(stpcpy(full, PATH_PROGRAMS), path);
    return spawn_run(plan, full, argv, environment, control);
}

pid_t iris_spawn(const char *path, char *const argv[], const struct iris_spawn *options,
                 uint32_t *child)
{
    static const struct iris_spawn standard = {0, 1, 2, NULL};
    if (options == NULL)
        options = &standard;
    const int own[3] = {options->input, options->output, options->error};
    struct spawn_plan plan;
    int error = spawn_plan_begin(&plan);
    for (int i = 0; i < 3 && error == 0; i++)
        error = spawn_plan_add(&plan, own[i], i);
    int pid = error;
    if (error == 0)
        pid = start_program(&plan, path, argv, options->environment, child);
    spawn_plan_drop(&plan);
    return libc_result(pid);
}
