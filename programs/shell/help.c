/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "builtin.h"
#include "job.h"
#include "note.h"
#include "shell.h"

#define SUMMARY_SIZE 80
#define WIDTH 78

/* Reads a program's summary; false if it has none or is no program. */
static bool summary_of(const char *name, char summary[SUMMARY_SIZE])
{
    char path[sizeof HELP_PROGRAMS + MAXNAMLEN + 1];
    uint8_t bytes[512];
    struct note_place place;
    snprintf(path, sizeof path, "%s/%s", HELP_PROGRAMS, name);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return false;
    ssize_t size = read(fd, bytes, sizeof bytes);
    bool found = size > 0 && note_locate(bytes, (size_t)size, &place);
    if (found && place.size > sizeof bytes)
        place.size = sizeof bytes;
    found = found && lseek(fd, (off_t)place.offset, SEEK_SET) >= 0 &&
            read(fd, bytes, place.size) == (ssize_t)place.size &&
            note_text(bytes, place.size, IRIS_NOTE_NAME, IRIS_NOTE_SUMMARY, summary, SUMMARY_SIZE);
    close(fd);
    return found;
}

static void print_others(const char *names)
{
    size_t column = 0;
    for (const char *name = names; *name != '\0'; name += strlen(name) + 1) {
        if (column + strlen(name) + 1 > WIDTH) {
            putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%s", column == 0 ? "  " : " ", name);
    }
    if (column > 0)
        putchar('\n');
}

/* Programs with a summary line by line, the rest (servers, drivers, tests) together. */
static int list_programs(void)
{
    char summary[SUMMARY_SIZE];
    static char others[2048];
    size_t used = 0;
    DIR *directory = opendir(HELP_PROGRAMS);
    if (directory == NULL) {
        fprintf(stderr, "help: " HELP_PROGRAMS ": %s\n", strerror(errno));
        return STATUS_ERROR;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        size_t size = strlen(entry->d_name) + 1;
        if (summary_of(entry->d_name, summary)) {
            printf("  %-10s %s\n", entry->d_name, summary);
        } else if (used + size < sizeof others) {
            memcpy(others + used, entry->d_name, size);
            used += size;
        }
    }
    closedir(directory);
    others[used] = '\0';
    if (used > 0)
        printf("Servers, drivers and tests:\n");
    print_others(others);
    return 0;
}

int help_all(void)
{
    printf("Builtin commands:\n");
    for (const struct builtin *builtin = builtins; builtin->name != NULL; builtin++)
        printf("  %-10s %s\n", builtin->name, builtin->summary);
    printf("Programs:\n");
    int status = list_programs();
    printf("| ; && || & combine commands, < > >> redirect; man NAME tells about a call.\n");
    return status;
}

int help_one(const char *name)
{
    char summary[SUMMARY_SIZE];
    const struct builtin *builtin = builtin_find(name);
    if (builtin != NULL) {
        printf("%s %s: %s\n", builtin->name, builtin->arguments, builtin->summary);
        return 0;
    }
    if (strchr(name, '/') == NULL && summary_of(name, summary)) {
        printf("%s: %s\n", name, summary);
        return 0;
    }
    fprintf(stderr, "help: nothing about %s\n", name);
    return STATUS_ERROR;
}
