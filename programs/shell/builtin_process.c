/* SPDX-License-Identifier: MIT */
/* Builtins about the shell as a process: umask, times. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <unistd.h>

#include "builtin.h"
#include "modes.h"
#include "shell.h"

/* "u=rwx,g=rx,o=": what new files may have. */
static void print_symbolic(mode_t allowed)
{
    static const char who[] = "ugo", letters[] = "rwx";
    for (int i = 0; i < 3; i++) {
        printf("%c=", who[i]);
        for (int bit = 0; bit < 3; bit++)
            if (allowed & (0400u >> (3 * i + bit)))
                putchar(letters[bit]);
        putchar(i < 2 ? ',' : '\n');
    }
}

int builtin_umask(int argc, char *argv[])
{
    bool symbolic = argc > 1 && strcmp(argv[1], "-S") == 0;
    int first = symbolic ? 2 : 1;
    mode_t now = umask(0), allowed;
    umask(now);
    if (argc > first + 1)
        return builtin_usage("umask");
    if (argc == first && symbolic)
        print_symbolic(~now);
    else if (argc == first)
        printf("%04o\n", (unsigned)now);
    if (argc == first)
        return 0;
    bool is_number = *argv[first] >= '0' && *argv[first] <= '9';
    allowed = is_number ? now : ~now & 0777;
    if (!modes_apply(argv[first], &allowed) || allowed > 0777)
        return builtin_usage("umask");
    umask(is_number ? allowed : ~allowed & 0777);
    return 0;
}

static void print_time(clock_t time, char end)
{
    long ticks = sysconf(_SC_CLK_TCK);
    long long hundredths = (long long)time * 100 / ticks;
    printf("%lldm%lld.%02llds%c", hundredths / 6000, hundredths / 100 % 60, hundredths % 100, end);
}

int builtin_times(int argc, char *argv[])
{
    struct tms used;
    (void)argv;
    if (argc > 1)
        return builtin_usage("times");
    if (times(&used) == (clock_t)-1)
        return builtin_failed("times", "processor time");
    print_time(used.tms_utime, ' ');
    print_time(used.tms_stime, '\n');
    print_time(used.tms_cutime, ' ');
    print_time(used.tms_cstime, '\n');
    return 0;
}
