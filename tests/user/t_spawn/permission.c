/* SPDX-License-Identifier: MIT */
/* Who may signal whom (docs/decisions.md). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit.h"
#include "t_spawn.h"

static int signal_from(const char *pid, short flags)
{
    posix_spawnattr_t attributes;

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, flags);
    return role_run("one", pid, NULL, &attributes);
}

/* Who is in the same session, but no forefather. */
static void check_siblings(void)
{
    posix_spawnattr_t attributes;
    char sibling[12];

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t pid = role_start("sleeper", "", NULL, &attributes);
    snprintf(sibling, sizeof sibling, "%d", (int)pid);
    TEST_EQUAL(signal_from(sibling, POSIX_SPAWN_SETSID), EPERM, "not from another session");
    TEST_EQUAL(signal_from(sibling, POSIX_SPAWN_SETPGROUP), 0, "but from another group");
    TEST_EQUAL(role_end(pid), ENDED_BY(SIGTERM), "a sibling is ended");
}

void test_permission(void)
{
    posix_spawnattr_t attributes;
    char grandparent[12];

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    snprintf(grandparent, sizeof grandparent, "%d", (int)getppid());
    TEST_EQUAL(role_run("signal", grandparent, NULL, &attributes), 1 | 4 | 16,
               "a child may signal its parent, but neither kill it nor signal others");
    check_siblings();
    TEST_EQUAL(kill(1, SIGKILL), -1, "nobody kills root");
    TEST_EQUAL(errno, EPERM, "EPERM");
    TEST_EQUAL(kill(31999, 0), -1, "nor somebody who is not there");
    TEST_EQUAL(errno, ESRCH, "ESRCH");
    TEST_EQUAL(kill(getpid(), 64), -1, "with a signal that there is");
    TEST_EQUAL(errno, EINVAL, "EINVAL");
}
