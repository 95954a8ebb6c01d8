/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "lines.h"
#include "options.h"
#include "stream.h"

#define ARGUMENTS "[-qu] [-U LINES] FILE FILE"
#define CONTEXT 3

IRIS_SUMMARY("what differs in two texts, line by line: " ARGUMENTS);

enum { STATUS_SAME = 0, STATUS_DIFFERENT = 1, STATUS_ERROR = 2 };

static struct {
    bool brief, unified;
    size_t context;
} option = {.context = CONTEXT};

static bool is_changed(const struct text *text)
{
    for (size_t i = 0; i < text->count; i++)
        if (text->changed[i])
            return true;
    return false;
}

static void show(char *paths[], const struct text *old, const struct text *new)
{
    if (option.brief) {
        printf("Files %s and %s differ\n", paths[0], paths[1]);
    } else if (option.unified) {
        printf("--- %s\n+++ %s\n", paths[0], paths[1]);
        show_unified(old, new, option.context);
    } else {
        show_normal(old, new);
    }
}

/* A directory stands for the file in it that is called like the other. */
static char *inside(const char *path, const char *other)
{
    char *name = files_name(other);
    char *joined = files_is_directory(path) ? stream_join(path, name) : strdup(path);
    free(name);
    return joined;
}

static int run(char *paths[])
{
    struct text old, new;
    if (!text_read(paths[0], &old) || !text_read(paths[1], &new) || !compare(&old, &new))
        return STATUS_ERROR;
    if (!is_changed(&old) && !is_changed(&new))
        return STATUS_SAME;
    show(paths, &old, &new);
    return STATUS_DIFFERENT;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"diff", ARGUMENTS, "quU:"};
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        option.brief |= letter == 'q';
        option.unified |= letter == 'u' || letter == 'U';
        if (letter == 'U')
            option.context = (size_t)options_number(&options, optarg, 0, 1000000);
    }
    if (argc - optind != 2)
        options_refuse(&options);
    char *first = argv[optind], *second = argv[optind + 1];
    char *paths[] = {inside(first, second), inside(second, first)};
    if (paths[0] == NULL || paths[1] == NULL)
        return STATUS_ERROR;
    int status = run(paths);
    return stream_finish("diff", COMMAND_OK) == COMMAND_OK ? status : STATUS_ERROR;
}
