/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "modes.h"
#include "options.h"

IRIS_SUMMARY("change files' modes: 755|[ugoa][+-=][rwx],... PATH...");

int main(int argc, char *argv[])
{
    static const struct options options = {"chmod", "755|[ugoa][+-=][rwx],... PATH...", ""};
    int result = COMMAND_OK;
    if (argc < 3)
        options_next(&options, argc, argv), options_refuse(&options);
    for (int i = 2; i < argc; i++) {
        struct stat status;
        mode_t mode = stat(argv[i], &status) == 0 ? status.st_mode & 07777 : 0;
        if (!modes_apply(argv[1], &mode))
            options_refuse(&options);
        if (chmod(argv[i], mode) != 0)
            result = command_failed("chmod", argv[i], errno);
    }
    return result;
}
