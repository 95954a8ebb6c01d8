/* SPDX-License-Identifier: MIT */
/* Names of terminals: POSIX.1-2017, ttyname, ctermid. There is one, with one name. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libc.h"

#define NAME "/dev/console"

/* Whether the name leads to what the descriptor leads to. */
static bool is_named(int fd)
{
    struct stat own, named;
    return fstat(fd, &own) == 0 && stat(NAME, &named) == 0 && own.st_dev == named.st_dev &&
           own.st_ino == named.st_ino;
}

int ttyname_r(int fd, char *name, size_t size)
{
    if (!isatty(fd))
        return errno;
    if (!is_named(fd))
        return ENOTTY;
    if (size < sizeof NAME)
        return ERANGE;
    memcpy(name, NAME, sizeof NAME);
    return 0;
}

char *ttyname(int fd)
{
    static char name[sizeof NAME];
    int error = ttyname_r(fd, name, sizeof name);
    if (error == 0)
        return name;
    libc_result(-error);
    return NULL;
}

char *ctermid(char *name)
{
    static char own[L_ctermid];
    return strcpy(name != NULL ? name : own, "/dev/tty");
}
