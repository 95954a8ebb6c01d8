/* SPDX-License-Identifier: MIT */
/* Groups, sessions, priorities, environment and PATH of the child. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit.h"
#include "t_spawn.h"

static void check_groups(void)
{
    posix_spawnattr_t attributes;

    TEST_EQUAL(role_run("group", "", NULL, NULL), 4, "a child is in its parent's group");
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    TEST_EQUAL(role_run("group", "", NULL, &attributes), 1, "or in one of its own");
    posix_spawnattr_setpgroup(&attributes, 32000);
    TEST_EQUAL(role_run("group", "", NULL, &attributes), -EPERM, "but in none that is not there");
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    TEST_EQUAL(role_run("group", "", NULL, &attributes), 3, "or it leads a session");
}

/* Two members of one group end by one signal. */
static void check_group_signal(void)
{
    posix_spawnattr_t attributes;

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t first = role_start("sleeper", "", NULL, &attributes);
    posix_spawnattr_setpgroup(&attributes, first);
    pid_t second = role_start("sleeper", "", NULL, &attributes);
    TEST_EQUAL(getpgid(second), first, "a second member");
    TEST_EQUAL(killpg(first, 0), 0, "the group can be signalled");
    TEST_EQUAL(kill(-first, SIGTERM), 0, "and is");
    TEST_EQUAL(role_end(first), ENDED_BY(SIGTERM), "the first ends");
    TEST_EQUAL(role_end(second), ENDED_BY(SIGTERM), "the second too");
    TEST_EQUAL(kill(-first, 0), -1, "nobody is left");
    TEST_EQUAL(errno, ESRCH, "so there is no such group");
}

static void check_set_group(void)
{
    pid_t child = role_start("sleeper", "", NULL, NULL), own = getpgrp();

    TEST_EQUAL(setpgid(child, 0), 0, "a parent moves its child into a new group");
    TEST_EQUAL(getpgid(child), child, "of its number");
    TEST_EQUAL(setpgid(child, own), 0, "and back");
    TEST_EQUAL(setpgid(child, 32000), -1, "not into one that is not there");
    TEST_EQUAL(errno, EPERM, "EPERM");
    TEST_EQUAL(setpgid(1, 0), -1, "and nobody else's process");
    TEST_EQUAL(errno, ESRCH, "ESRCH");
    kill(child, SIGKILL);
    role_end(child);
}

static void check_priority(void)
{
    posix_spawnattr_t attributes;
    struct sched_param terms = {.sched_priority = 12};

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSCHEDPARAM);
    posix_spawnattr_setschedparam(&attributes, &terms);
    TEST_EQUAL(role_run("priority", "", NULL, &attributes), 12, "its priority");
    terms.sched_priority = 63;
    posix_spawnattr_setschedparam(&attributes, &terms);
    TEST_EQUAL(role_run("priority", "", NULL, &attributes), -EINVAL, "not above all processes'");
}

static int run_named(const char *name, const char *path)
{
    char self[] = "t_spawn", mark[] = "role", role[] = "exit", argument[] = "7";
    char *const argv[] = {self, mark, role, argument, NULL};
    pid_t pid;

    setenv("PATH", path, 1);
    int error = posix_spawnp(&pid, name, NULL, NULL, argv, environ);
    return error != 0 ? -error : role_end(pid);
}

static void check_search(void)
{
    TEST_EQUAL(run_named("t_spawn", "/bin"), 7, "a program of PATH");
    TEST_EQUAL(run_named("t_spawn", "/none:/boot.conf:/bin"), 7, "of its last directory");
    TEST_EQUAL(run_named("t_spawn", "/none"), -ENOENT, "of none");
    TEST_EQUAL(run_named("t_none", "/bin"), -ENOENT, "no program");
    TEST_EQUAL(run_named("/bin/t_spawn", "/none"), 7, "a path is not searched for");
    setenv("PATH", "/bin", 1);
}

static void check_environment(void)
{
    static char changed[] = "T_SPAWN=three";

    setenv("T_SPAWN", "one", 1);
    TEST_EQUAL(role_run("variable", "one", NULL, NULL), 1, "setenv");
    setenv("T_SPAWN", "two", 0);
    TEST_EQUAL(role_run("variable", "one", NULL, NULL), 1, "setenv that does not replace");
    putenv(changed);
    TEST_EQUAL(role_run("variable", "three", NULL, NULL), 1, "putenv");
    unsetenv("T_SPAWN");
    TEST_EQUAL(role_run("variable", "three", NULL, NULL), 0, "unsetenv");
}

void test_attributes(void)
{
    check_groups();
    check_group_signal();
    check_set_group();
    check_priority();
    check_search();
    check_environment();
}
