/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("tell date and time: [-u] [+FORMAT]");

int main(int argc, char *argv[])
{
    static const struct options options = {"date", "[-u] [+FORMAT]", "u"};
    const char *format = "%a %b %e %H:%M:%S %Z %Y";
    char text[512];
    struct timespec now;
    while (options_next(&options, argc, argv) != 0)
        setenv("TZ", "UTC0", 1);
    if (argc - optind > 1 || (argc > optind && *argv[optind] != '+'))
        options_refuse(&options);
    if (argc > optind)
        format = argv[optind] + 1;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return command_failed("date", "clock", errno);
    tzset();
    struct tm *local = localtime(&now.tv_sec);
    if (local == NULL || (*format != '\0' && strftime(text, sizeof text, format, local) == 0))
        return command_failed("date", "format", EOVERFLOW);
    printf("%s\n", *format != '\0' ? text : "");
    return stream_finish("date", COMMAND_OK);
}
