/* SPDX-License-Identifier: MIT */
/* POSIX's names for what newlib has under its own. */
#include <stdio.h>

ssize_t getdelim(char **restrict line, size_t *restrict size, int delimiter, FILE *restrict file)
{
    return __getdelim(line, size, delimiter, file);
}

ssize_t getline(char **restrict line, size_t *restrict size, FILE *restrict file)
{
    return __getdelim(line, size, '\n', file);
}
