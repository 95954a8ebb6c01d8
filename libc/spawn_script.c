/* SPDX-License-Identifier: MIT */
/* Files that begin with `#! interpreter [argument]`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libc.h"
#include "spawn_plan.h"

#define BLANKS " \t"
#define LINE_MAX_SIZE 256

/* Copies the first line; -ENOEXEC if it is no such line, or too long. */
static int take_line(const struct program_file *file, char line[LINE_MAX_SIZE])
{
    uint32_t most = file->head_size < LINE_MAX_SIZE ? file->head_size : LINE_MAX_SIZE - 1;
    if (file->bytes == NULL || most < 2 || memcmp(file->bytes, "#!", 2) != 0)
        return -ENOEXEC;
    memcpy(line, file->bytes + 2, most - 2);
    line[most - 2] = '\0';
    size_t length = strcspn(line, "\r\n");
    if (line[length] == '\0' && most < file->size) /* it does not end here */
        return -ENOEXEC;
    line[length] = '\0';
    while (length > 0 && strchr(BLANKS, line[length - 1]) != NULL)
        line[--length] = '\0';
    return 0;
}

/* Cuts the line into interpreter and what follows, which is one argument or none. */
static char *cut(char *line, char **interpreter)
{
    *interpreter = line + strspn(line, BLANKS);
    char *end = *interpreter + strcspn(*interpreter, BLANKS);
    char *argument = end + strspn(end, BLANKS);
    *end = '\0';
    return *argument != '\0' ? argument : NULL;
}

static size_t count_of(char *const argv[])
{
    size_t count = 0;
    while (argv[count] != NULL)
        count++;
    return count;
}

/* One piece of memory: the new vector, and behind it the line. */
int script_begin(struct script *script, const struct program_file *file, const char *path,
                 char *const argv[])
{
    char line[LINE_MAX_SIZE];
    int error = take_line(file, line);
    if (error != 0)
        return error;
    size_t size = (count_of(argv) + 4) * sizeof(char *), count = 0;
    char **words = malloc(size + strlen(line) + 1);
    if (words == NULL)
        return -ENOMEM;
    char *argument = cut(strcpy((char *)words + size, line), &words[count++]);
    if (argument != NULL)
        words[count++] = argument;
    words[count++] = (char *)(uintptr_t)path;
    for (size_t i = 1; *argv != NULL && argv[i] != NULL; i++)
        words[count++] = argv[i];
    words[count] = NULL;
    *script = (struct script){words, strcmp(words[0], "/bin/sh") == 0 ? LIBC_SHELL : words[0]};
    return *words[0] != '\0' ? 0 : -ENOEXEC;
}

void script_end(struct script *script) { free(script->argv); }
