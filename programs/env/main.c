/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "run.h"

IRIS_SUMMARY("show the environment, or run a command in another: [-i] [NAME=VALUE]... [COMMAND]");

extern char **environ;

int main(int argc, char *argv[])
{
    static const struct options options = {"env", "[-i] [-u NAME] [NAME=VALUE]... [COMMAND]...",
                                           "+iu:"};
    static char *empty[1];
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        if (letter == 'i')
            environ = empty;
        else if (unsetenv(optarg) != 0)
            return command_failed("env", optarg, errno);
    for (; optind < argc && strchr(argv[optind], '=') != NULL; optind++) {
        char *equals = strchr(argv[optind], '=');
        *equals = '\0';
        if (setenv(argv[optind], equals + 1, 1) != 0)
            return command_failed("env", argv[optind], errno);
    }
    if (optind < argc)
        return run_command("env", argv + optind);
    for (char **variable = environ; *variable != NULL; variable++)
        printf("%s\n", *variable);
    return COMMAND_OK;
}
