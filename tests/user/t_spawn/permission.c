/* SPDX-License-Identifier: MIT */
/* Who may signal whom (docs/decisions.md). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit.h"
#include "t_spawn.h"

void test_permission(void)
{
    posix_spawnattr_t attributes;
    char grandparent[12];

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    snprintf(grandparent, sizeof grandparent, "%d", (int)getppid());
    TEST_EQUAL(role_run("signal", grandparent, NULL, &attributes), 1 | 4 | 16,
               "a child may signal its parent, but neither kill it nor signal others");
    TEST_EQUAL(kill(1, SIGKILL), -1, "nobody kills root");
    TEST_EQUAL(errno, EPERM, "EPERM");
    TEST_EQUAL(kill(31999, 0), -1, "nor somebody who is not there");
    TEST_EQUAL(errno, ESRCH, "ESRCH");
    TEST_EQUAL(kill(getpid(), 64), -1, "with a signal that there is");
    TEST_EQUAL(errno, EINVAL, "EINVAL");
}
