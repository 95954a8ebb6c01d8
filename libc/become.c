/* SPDX-License-Identifier: MIT */
/*
 * Becoming another user or group (XSH setuid and its like). There is one of each: a process can
 * become what it is, and nobody has the right to become anything else.
 */
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "libc.h"

static int become(bool known) { return libc_result(known ? 0 : -EPERM); }

/* In setreuid and setregid -1 leaves it as it is. */
static bool is_user(uid_t user) { return user == getuid() || user == (uid_t)-1; }

static bool is_group(gid_t group) { return group == getgid() || group == (gid_t)-1; }

int setuid(uid_t user) { return become(user == getuid()); }

int seteuid(uid_t user) { return become(user == geteuid()); }

int setreuid(uid_t real, uid_t effective) { return become(is_user(real) && is_user(effective)); }

int setgid(gid_t group) { return become(group == getgid()); }

int setegid(gid_t group) { return become(group == getegid()); }

int setregid(gid_t real, gid_t effective) { return become(is_group(real) && is_group(effective)); }
