/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("print lines once that repeat: [-cdu] [FILE]");

static bool counts, only_repeated, only_single;

static void print(const char *line, unsigned long times)
{
    if ((only_repeated && times == 1) || (only_single && times > 1))
        return;
    if (counts)
        printf("%7lu ", times);
    printf("%s\n", line);
}

static int filter(FILE *file, const char *name)
{
    char *line = NULL, *last = NULL;
    size_t size = 0;
    unsigned long times = 0;
    (void)name;
    for (ssize_t length; (length = getline(&line, &size, file)) >= 0;) {
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (last != NULL && strcmp(line, last) == 0) {
            times++;
            continue;
        }
        if (last != NULL)
            print(last, times);
        free(last);
        last = line;
        times = 1;
        line = NULL;
        size = 0;
    }
    if (last != NULL)
        print(last, times);
    free(last);
    free(line);
    return COMMAND_OK;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"uniq", "[-cdu] [FILE]", "cdu"};
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        *(letter == 'c' ? &counts : letter == 'd' ? &only_repeated : &only_single) = true;
    if (argc - optind > 1)
        options_refuse(&options);
    return stream_finish("uniq", stream_each("uniq", argv + optind, filter));
}
