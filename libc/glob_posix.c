/* SPDX-License-Identifier: MIT */
/*
 * POSIX' glob on newlib's, which is older: that nothing matched is no error there, and its
 * backslash escapes only if asked to.
 */
#include <glob.h>

#include "newlib_hooks.h"

int glob(const char *restrict pattern, int flags, int (*told)(const char *, int),
         glob_t *restrict found)
{
    int before = flags & GLOB_APPEND ? found->gl_pathc : 0;
    int escape = flags & GLOB_NOESCAPE ? 0 : GLOB_QUOTE;
    int result = newlib_glob(pattern, (flags & ~GLOB_NOESCAPE) | escape, told, found);

    return result == 0 && found->gl_pathc == before ? GLOB_NOMATCH : result;
}
