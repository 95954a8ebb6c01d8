/* SPDX-License-Identifier: MIT */
/* What newlib's environment functions leave out. */
#include <stdlib.h>

#include "newlib_hooks.h"

extern char **environ;

/* The list stays where newlib has it, which may grow it again. */
int clearenv(void)
{
    environ[0] = NULL;
    return 0;
}
