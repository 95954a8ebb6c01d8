/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"

IRIS_SUMMARY("change files' modes: 755|[ugoa][+-=][rwx] PATH...");

/* "u+x" and the like, applied to a mode; false: it is no such thing. */
static bool apply(const char *text, mode_t *mode)
{
    mode_t who = 0, what = 0;
    for (; *text != '\0' && strchr("ugoa", *text) != NULL; text++)
        who |= *text == 'u' ? 0700 : *text == 'g' ? 0070 : *text == 'o' ? 0007 : 0777;
    char sign = *text++;
    if (sign == '\0' || strchr("+-=", sign) == NULL)
        return false;
    for (; *text != '\0' && strchr("rwx", *text) != NULL; text++)
        what |= *text == 'r' ? 0444 : *text == 'w' ? 0222 : 0111;
    who = who != 0 ? who : 0777;
    *mode = sign == '+'   ? *mode | (what & who)
            : sign == '-' ? *mode & ~(what & who)
                          : (*mode & ~who) | (what & who);
    return *text == '\0';
}

static bool new_mode(const char *text, mode_t *mode)
{
    char *end;
    unsigned long value = strtoul(text, &end, 8);
    if (*text == '\0' || *end != '\0')
        return apply(text, mode);
    *mode = (mode_t)value;
    return value <= 07777;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"chmod", "755|[ugoa][+-=][rwx] PATH...", ""};
    int result = COMMAND_OK;
    if (argc < 3)
        options_next(&options, argc, argv), options_refuse(&options);
    for (int i = 2; i < argc; i++) {
        struct stat status;
        mode_t mode = stat(argv[i], &status) == 0 ? status.st_mode & 07777 : 0;
        if (!new_mode(argv[1], &mode))
            options_refuse(&options);
        if (chmod(argv[i], mode) != 0)
            result = command_failed("chmod", argv[i], errno);
    }
    return result;
}
