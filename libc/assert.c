/* SPDX-License-Identifier: MIT */
/* What assert() does when it fails. newlib's own would bring a second printf into each program that
   prints numbers, 12 KiB of it: the conversion of floating-point numbers has assertions. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void __assert_func(const char *file, int line, const char *function, const char *expression)
{
    char number[12], text[512];
    const char *const parts[] = {"assertion \"",
                                 expression,
                                 "\" failed: file \"",
                                 file,
                                 "\", line ",
                                 utoa((unsigned)line, number, 10),
                                 function ? ", function: " : "",
                                 function ? function : "",
                                 "\n"};

    text[0] = '\0';
    for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        strlcat(text, parts[i], sizeof(text));
    write(STDERR_FILENO, text, strlen(text));
    abort();
}
