/* SPDX-License-Identifier: MIT */
/* The manual: plain text pages, generated from the lists of calls and from docs/man. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"

IRIS_SUMMARY("show the manual page of a call: [CALL]");

#define PAGES "/man"
#define WIDTH 78

static int list_pages(void)
{
    size_t column = 0;
    DIR *directory = opendir(PAGES);
    if (directory == NULL)
        return command_failed("man", PAGES, errno);
    printf("Manual pages (man NAME):\n");
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        if (column + strlen(entry->d_name) + 1 > WIDTH) {
            putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%s", column == 0 ? "  " : " ", entry->d_name);
    }
    putchar('\n');
    closedir(directory);
    return COMMAND_OK;
}

/* Calls are known with and without the prefix that they have in C. */
static int open_page(const char *name)
{
    char path[sizeof PAGES + MAXNAMLEN + 1];
    if (strncmp(name, "iris_", 5) == 0)
        name += 5;
    if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL) {
        errno = ENOENT;
        return -1;
    }
    if (snprintf(path, sizeof path, PAGES "/%s", name) >= (int)sizeof path) {
        errno = ENOENT;
        return -1;
    }
    return open(path, O_RDONLY);
}

/* Several names can share a page: lines `NAME PAGE` (tools/man_pages.py). */
static bool find_alias(const char *name, char page[MAXNAMLEN + 1])
{
    char line[2 * MAXNAMLEN + 3];
    bool found = false;
    FILE *aliases = fopen(PAGES "/.aliases", "r");
    if (aliases == NULL)
        return false;
    while (!found && fgets(line, sizeof line, aliases) != NULL) {
        char *own = strtok(line, " "), *whose = strtok(NULL, "\n");
        found = whose != NULL && strlen(whose) <= MAXNAMLEN && strcmp(own, name) == 0;
        if (found)
            strcpy(page, whose);
    }
    fclose(aliases);
    return found;
}

static int show_page(const char *name)
{
    char page[MAXNAMLEN + 1];
    char text[2048];
    ssize_t count;
    int fd = open_page(name);
    if (fd < 0 && errno == ENOENT && find_alias(name, page))
        fd = open_page(page);
    if (fd < 0 && errno == ENOENT) {
        fprintf(stderr, "man: no page about %s; man lists them\n", name);
        return COMMAND_FAILED;
    }
    if (fd < 0)
        return command_failed("man", name, errno);
    while ((count = read(fd, text, sizeof text)) > 0)
        fwrite(text, 1, (size_t)count, stdout);
    close(fd);
    return count < 0 ? command_failed("man", name, errno) : COMMAND_OK;
}

int main(int argc, char *argv[])
{
    if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
        return command_usage("man", "[CALL]");
    return argc == 1 ? list_pages() : show_page(argv[1]);
}
