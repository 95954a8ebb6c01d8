/* SPDX-License-Identifier: MIT */
/*
 * The program: `posix GROUP...` runs the behaviours of these groups, `posix --child
 * NAME ARGUMENTS` is a child of one. Each behaviour finds an empty current directory and only the
 * descriptors 0 to 2; whatever it leaves is put away.
 */
#include "behaviour.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "run.h"
#include "test.h"

extern const struct behaviour *const __start_behaviours[], *const __stop_behaviours[];
extern const struct child *const __start_children[], *const __stop_children[];

#define DESCRIPTORS 64 /* as many as behaviours may open */

/* ---- The place ---- */

static char home[64];

static bool place_make(void)
{
    strcpy(home, "/tmp/posix-XXXXXX");
    return mkdtemp(home) != NULL && chdir(home) == 0;
}

/* Behaviours nest directories two deep at most, so their own removal comes before their parents'.
 */
static void remove_all(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char name[512];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (lstat(name, &status) == 0 && S_ISDIR(status.st_mode))
            remove_all(name);
        remove(name);
    }
    if (directory != NULL)
        closedir(directory);
}

static void tidy(void)
{
    for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++)
        close(fd);
    if (chdir(home) == 0)
        remove_all(".");
}

/* ---- Running ---- */

static bool is_in_group(const struct behaviour *behaviour, const char *group)
{
    const char *slash = strrchr(behaviour->file, '/');
    const char *name = slash ? slash + 1 : behaviour->file;
    size_t length = strlen(group);

    return strncmp(name, group, length) == 0 && strcmp(name + length, ".c") == 0;
}

static void run_one(const struct behaviour *behaviour)
{
    const struct behaviour_result *result = behaviour_run(behaviour);

    if (result->passed)
        test_report(true, behaviour->file, 0, "%s", behaviour->text);
    else
        test_report(false, behaviour->file, result->line, "%s: %s", behaviour->text, result->what);
    tidy();
}

static int run_group(const char *group)
{
    char name[40];

    snprintf(name, sizeof name, "posix.%s", group);
    test_begin(name);
    /* cppcheck-suppress comparePointers */
    for (const struct behaviour *const *b = __start_behaviours; b < __stop_behaviours; b++)
        if (is_in_group(*b, group))
            run_one(*b);
    return test_end();
}

static int run_child_function(int argc, char *argv[])
{
    /* cppcheck-suppress comparePointers */
    for (const struct child *const *c = __start_children; c < __stop_children; c++)
        if (argc > 0 && strcmp((*c)->name, argv[0]) == 0)
            return (*c)->run(argc, argv);
    return 127;
}

int main(int argc, char *argv[])
{
    int failed = 0;

    if (argc > 1 && strcmp(argv[1], "--child") == 0)
        return run_child_function(argc - 2, argv + 2);
    if (!behaviour_find_self(argv[0]) || !place_make()) {
        perror("posix");
        return 2;
    }
    tidy();
    for (int i = 1; i < argc; i++)
        failed += run_group(argv[i]);
    if (chdir("/") == 0)
        rmdir(home);
    return failed != 0;
}
