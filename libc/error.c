/* SPDX-License-Identifier: MIT */
/* Error numbers: the kernel's are newlib's, plus EDEAD. */
#include <errno.h>

#include "libc.h"
#include "newlib_hooks.h"

/* strerror and perror ask here for numbers they do not know. */
char *_user_strerror(int number, int internal, int *error)
{
    (void)internal;
    (void)error;
    return (char *)(number == EDEAD ? "Partner or object is dead" : "Unknown error");
}

int libc_result(int result)
{
    if (result >= 0)
        return result;
    errno = -result;
    return -1;
}
