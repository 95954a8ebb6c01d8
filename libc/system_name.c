/* SPDX-License-Identifier: MIT */
/* How the system calls itself. There is no network yet, so the node's name is everybody's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <iris/vdso.h>

#include "libc.h"

static const char node[] = "iris";

/* The version of the kernel's string, "Iris 1.2.3 release": from the first digit to the blank. */
int uname(struct utsname *name)
{
    const char *text = iris_version_string(), *number = strpbrk(text, "0123456789");

    if (number == NULL)
        number = text;
    *name = (struct utsname){.sysname = "Iris", .machine = "i686"};
    strcpy(name->nodename, node);
    snprintf(name->release, sizeof name->release, "%.*s", (int)strcspn(number, " "), number);
    snprintf(name->version, sizeof name->version, "%s", text);
    return 0;
}

int gethostname(char *name, size_t size)
{
    if (size < sizeof node)
        return libc_result(-ENAMETOOLONG);
    strcpy(name, node);
    return 0;
}

/* The name is everybody's, and nobody's to change. */
int sethostname(const char *name, size_t size)
{
    (void)name, (void)size;
    return libc_result(-EPERM);
}
