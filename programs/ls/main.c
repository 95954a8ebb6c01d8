/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"

IRIS_SUMMARY("list directories: [-1l] [PATH]...");

#define WIDTH 80

static bool one_a_line, with_details;

static int complain(const char *path) { return command_failed("ls", path, errno); }

/* "drwxr-xr-x     1234 name" */
static void print_details(const char *name, const struct stat *status)
{
    static const char letters[] = "rwxrwxrwx";
    char mode[11] = "----------";
    mode[0] = S_ISDIR(status->st_mode) ? 'd' : S_ISCHR(status->st_mode) ? 'c' : '-';
    for (int bit = 0; bit < 9; bit++)
        if (status->st_mode & (0400u >> bit))
            mode[bit + 1] = letters[bit];
    printf("%s %9lu %s\n", mode, (unsigned long)status->st_size, name);
}

static int list_one(const char *path, const struct stat *status)
{
    if (with_details)
        print_details(path, status);
    else
        printf("%s\n", path);
    return COMMAND_OK;
}

static int list_details(DIR *directory, const char *path)
{
    char full[PATH_MAX];
    struct stat status;
    int result = COMMAND_OK;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        if (stat(full, &status) == 0)
            print_details(entry->d_name, &status);
        else
            result = complain(full);
    }
    return result;
}

/* Longest name, the slash behind directories included. */
static size_t longest(DIR *directory)
{
    size_t widest = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        size_t size = strlen(entry->d_name) + (entry->d_type == DT_DIR);
        widest = size > widest ? size : widest;
    }
    return widest;
}

/* Names side by side, in order line by line. */
static int list_names(DIR *directory)
{
    bool lines = one_a_line || !isatty(STDOUT_FILENO);
    size_t cell = lines ? WIDTH : longest(directory) + 2, column = 0;
    rewinddir(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (column > 0 && column + cell > WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column % cell != 0)
            column += (size_t)printf("%*s", (int)(cell - column % cell), "");
        column += (size_t)printf("%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
    }
    if (column > 0)
        putchar('\n');
    return COMMAND_OK;
}

static int list(const char *path, bool with_title)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return complain(path);
    if (!S_ISDIR(status.st_mode))
        return list_one(path, &status);
    DIR *directory = opendir(path);
    if (directory == NULL)
        return complain(path);
    if (with_title)
        printf("%s:\n", path);
    int result = with_details ? list_details(directory, path) : list_names(directory);
    closedir(directory);
    return result;
}

static bool take_options(const char *options)
{
    for (; *options != '\0'; options++)
        if (*options == '1')
            one_a_line = true;
        else if (*options == 'l')
            with_details = true;
        else
            return false;
    return true;
}

int main(int argc, char *argv[])
{
    int first = 1, result = COMMAND_OK;
    for (; first < argc && argv[first][0] == '-'; first++)
        if (!take_options(argv[first] + 1))
            return command_usage("ls", "[-1l] [PATH]...");
    if (first == argc)
        return list(".", false);
    for (int i = first; i < argc; i++)
        if (list(argv[i], argc - first > 1) != COMMAND_OK)
            result = COMMAND_FAILED;
    return result;
}
