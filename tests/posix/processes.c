/* SPDX-License-Identifier: MIT */
/* posix_spawn, waitpid, kill. */
#include "behaviour.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

#define NO_PROCESS 999999

CHILD(exits) { exit(atoi(argv[1])); }
CHILD(exits_fast) { _exit(atoi(argv[1])); }
CHILD(waits_for_signal)
{
    pause();
    return 1;
}

/* Starts a child of this program as posix_spawn's own error tells. */
static int spawn_with(pid_t *child, const posix_spawn_file_actions_t *actions,
                      const posix_spawnattr_t *attributes, const char *name, const char *argument)
{
    char *argv[CHILD_ARGUMENTS];

    child_arguments(argv, name, argument, NULL);
    return posix_spawn(child, own_path(), actions, attributes, argv, environ);
}

/* ---- Ends ---- */

BEHAVIOUR(exit_status_told, "XSH waitpid: WIFEXITED and WEXITSTATUS tell the status given to exit")
{
    int status;
    pid_t child = start_child("exits", "7", NULL);

    REQUIRE(child > 0);
    EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && !WIFSIGNALED(status) && !WIFSTOPPED(status));
    EQUAL(WEXITSTATUS(status), 7);
}

BEHAVIOUR(exit_status_byte, "XSH exit, _exit: the parent sees the low eight bits")
{
    EQUAL(run_child("exits", "255", NULL), 255);
    EQUAL(run_child("exits", "256", NULL), 0);
    EQUAL(run_child("exits_fast", "259", NULL), 3);
}

static void say_at_exit(void)
{
    if (write(STDOUT_FILENO, "atexit ", 7) != 7)
        _exit(9);
}

CHILD(ends_saying)
{
    int fd = open("out", O_CREAT | O_WRONLY, 0600);

    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || atexit(say_at_exit) != 0)
        return 2;
    printf("buffered ");
    if (strcmp(argv[1], "_exit") == 0)
        _exit(0);
    exit(0);
}

BEHAVIOUR(exit_handlers, "XSH exit: calls what atexit registered, then flushes the streams")
{
    EQUAL(run_child("ends_saying", "exit", NULL), 0);
    CHECK(file_holds("out", "atexit buffered "));
}

BEHAVIOUR(exit_without_handlers, "XSH _Exit, _exit: neither calls atexit's functions nor flushes")
{
    EQUAL(run_child("ends_saying", "_exit", NULL), 0);
    CHECK(file_holds("out", ""));
}

CHILD(aborts) { abort(); }

BEHAVIOUR(abort_signal, "XSH abort: ends the process as SIGABRT does")
{
    int status = 0;
    pid_t child = start_child("aborts", NULL, NULL);

    EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && !WIFEXITED(status));
    EQUAL(WTERMSIG(status), SIGABRT);
}

/* ---- posix_spawn ---- */

BEHAVIOUR(spawn_missing, "XSH posix_spawn: a missing file is an error, or the child exits with 127")
{
    char name[] = "./nothing", *argv[] = {name, NULL};
    pid_t child;
    int error = posix_spawn(&child, name, NULL, NULL, argv, environ);

    if (error == 0)
        EQUAL(exit_status(child), 127);
    else
        EQUAL(error, ENOENT);
}

BEHAVIOUR(spawnp_path, "XSH posix_spawnp: a name without slash is looked for in PATH")
{
    char folder[512], *argv[CHILD_ARGUMENTS], *path = strdup(getenv("PATH") ? getenv("PATH") : "");
    pid_t child = -1;

    snprintf(folder, sizeof folder, "%s", own_path());
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    CHECK(setenv("PATH", folder, 1) == 0);
    child_arguments(argv, "exits", "5", NULL);
    EQUAL(posix_spawnp(&child, slash + 1, NULL, NULL, argv, environ), 0);
    EQUAL(exit_status(child), 5);
    setenv("PATH", path, 1);
    free(path);
}

CHILD(reads_zero) { return !reads_as(STDIN_FILENO, argv[1]); }

BEHAVIOUR(spawn_addopen, "XSH posix_spawn_file_actions_addopen: opens a file as that descriptor")
{
    posix_spawn_file_actions_t actions;
    pid_t child = -1;

    REQUIRE(put_file("in", "for you") && posix_spawn_file_actions_init(&actions) == 0);
    EQUAL(posix_spawn_file_actions_addopen(&actions, 0, "in", O_RDONLY, 0), 0);
    EQUAL(spawn_with(&child, &actions, NULL, "reads_zero", "for you"), 0);
    EQUAL(exit_status(child), 0);
    EQUAL(posix_spawn_file_actions_destroy(&actions), 0);
}

BEHAVIOUR(spawn_adddup2,
          "XSH posix_spawn_file_actions_adddup2: makes one descriptor another in the child")
{
    posix_spawn_file_actions_t actions;
    pid_t child = -1;

    REQUIRE(put_file("in", "for you") && posix_spawn_file_actions_init(&actions) == 0);
    int fd = open("in", O_RDONLY | O_CLOEXEC);
    EQUAL(posix_spawn_file_actions_adddup2(&actions, fd, 0), 0);
    EQUAL(spawn_with(&child, &actions, NULL, "reads_zero", "for you"), 0);
    EQUAL(exit_status(child), 0);
    posix_spawn_file_actions_destroy(&actions);
}

CHILD(has_closed)
{
    int fd = atoi(argv[1]);
    return fcntl(fd, F_GETFD) != -1 || errno != EBADF;
}

BEHAVIOUR(spawn_addclose,
          "XSH posix_spawn_file_actions_addclose: the descriptor is closed in the child")
{
    posix_spawn_file_actions_t actions;
    pid_t child = -1;

    REQUIRE(posix_spawn_file_actions_init(&actions) == 0 && put_file("a", ""));
    EQUAL(dup2(open("a", O_RDONLY), 20), 20);
    EQUAL(posix_spawn_file_actions_addclose(&actions, 20), 0);
    EQUAL(spawn_with(&child, &actions, NULL, "has_closed", "20"), 0);
    EQUAL(exit_status(child), 0);
    CHECK(fcntl(20, F_GETFD) != -1);
    posix_spawn_file_actions_destroy(&actions);
}

BEHAVIOUR(spawn_actions_order,
          "XSH posix_spawn: file actions are done in the order they were added")
{
    posix_spawn_file_actions_t actions;
    pid_t child = -1;

    REQUIRE(put_file("in", "right") && put_file("wrong", "wrong"));
    REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    posix_spawn_file_actions_addopen(&actions, 20, "in", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, 20, 0);
    posix_spawn_file_actions_addclose(&actions, 20);
    posix_spawn_file_actions_addopen(&actions, 20, "wrong", O_RDONLY, 0);
    EQUAL(spawn_with(&child, &actions, NULL, "reads_zero", "right"), 0);
    EQUAL(exit_status(child), 0);
    posix_spawn_file_actions_destroy(&actions);
}

BEHAVIOUR(spawn_action_fails,
          "XSH posix_spawn: a file action that fails is an error or exit status 127")
{
    posix_spawn_file_actions_t actions;
    pid_t child = -1;

    REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    posix_spawn_file_actions_addopen(&actions, 0, "nothing", O_RDONLY, 0);
    int error = spawn_with(&child, &actions, NULL, "exits", "0");
    CHECK(error == ENOENT || (error == 0 && exit_status(child) == 127));
    posix_spawn_file_actions_destroy(&actions);
}

BEHAVIOUR(spawn_actions_bad, "XSH posix_spawn_file_actions_addopen: a negative descriptor is EBADF")
{
    posix_spawn_file_actions_t actions;

    REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    EQUAL(posix_spawn_file_actions_addopen(&actions, -1, "a", O_RDONLY, 0), EBADF);
    EQUAL(posix_spawn_file_actions_addclose(&actions, -1), EBADF);
    EQUAL(posix_spawn_file_actions_adddup2(&actions, 0, -1), EBADF);
    posix_spawn_file_actions_destroy(&actions);
}

CHILD(reads_twenty) { return !reads_as(20, argv[1]); }

BEHAVIOUR(spawn_inherits, "XSH posix_spawn: open descriptors are inherited, with their file offset")
{
    REQUIRE(put_file("a", "abcdef"));
    EQUAL(dup2(open("a", O_RDONLY), 20), 20);
    CHECK(reads_as(20, "ab"));
    EQUAL(run_child("reads_twenty", "cd", NULL), 0);
    CHECK(reads_as(20, "ef"));
}

BEHAVIOUR(spawn_cloexec, "XSH posix_spawn: a descriptor with FD_CLOEXEC is not inherited")
{
    REQUIRE(put_file("a", ""));
    EQUAL(dup2(open("a", O_RDONLY), 20), 20);
    CHECK(fcntl(20, F_SETFD, FD_CLOEXEC) == 0);
    EQUAL(run_child("has_closed", "20", NULL), 0);
    CHECK(fcntl(20, F_GETFD) == FD_CLOEXEC);
}

BEHAVIOUR(spawnattr_values, "XSH posix_spawnattr_init: no flags; what is set is got")
{
    posix_spawnattr_t attributes;
    short flags = -1;
    pid_t group = -1;
    sigset_t set;

    REQUIRE(posix_spawnattr_init(&attributes) == 0);
    CHECK(posix_spawnattr_getflags(&attributes, &flags) == 0 && flags == 0);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0);
    CHECK(posix_spawnattr_getflags(&attributes, &flags) == 0 && flags == POSIX_SPAWN_SETPGROUP);
    CHECK(posix_spawnattr_setpgroup(&attributes, 77) == 0);
    CHECK(posix_spawnattr_getpgroup(&attributes, &group) == 0 && group == 77);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(posix_spawnattr_setsigmask(&attributes, &set) == 0);
    sigemptyset(&set);
    CHECK(posix_spawnattr_getsigmask(&attributes, &set) == 0 && sigismember(&set, SIGUSR1) == 1);
    EQUAL(posix_spawnattr_destroy(&attributes), 0);
}

CHILD(leads_group) { return getpgrp() != getpid(); }
CHILD(is_in_group) { return getpgrp() != atoi(argv[1]); }

BEHAVIOUR(spawn_group,
          "XSH posix_spawn: POSIX_SPAWN_SETPGROUP with 0 makes the child a group's leader")
{
    posix_spawnattr_t attributes;
    pid_t child = -1;

    REQUIRE(posix_spawnattr_init(&attributes) == 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    EQUAL(spawn_with(&child, NULL, &attributes, "leads_group", NULL), 0);
    EQUAL(exit_status(child), 0);
    posix_spawnattr_destroy(&attributes);
}

BEHAVIOUR(spawn_group_inherited, "XSH posix_spawn: without it the child is in its parent's group")
{
    char group[20];

    snprintf(group, sizeof group, "%d", (int)getpgrp());
    EQUAL(run_child("is_in_group", group, NULL), 0);
}

CHILD(blocks_user_signal)
{
    sigset_t set;
    return sigprocmask(SIG_BLOCK, NULL, &set) != 0 || sigismember(&set, SIGUSR1) != 1 ||
           sigismember(&set, SIGUSR2) != 0;
}

BEHAVIOUR(spawn_mask, "XSH posix_spawn: POSIX_SPAWN_SETSIGMASK gives the child's first signal mask")
{
    posix_spawnattr_t attributes;
    pid_t child = -1;
    sigset_t set;

    REQUIRE(posix_spawnattr_init(&attributes) == 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    posix_spawnattr_setsigmask(&attributes, &set);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    EQUAL(spawn_with(&child, NULL, &attributes, "blocks_user_signal", NULL), 0);
    EQUAL(exit_status(child), 0);
    posix_spawnattr_destroy(&attributes);
}

BEHAVIOUR(spawn_mask_inherited, "XSH posix_spawn: without it the child inherits the signal mask")
{
    sigset_t set, before;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &set, &before) == 0);
    EQUAL(run_child("blocks_user_signal", NULL, NULL), 0);
    CHECK(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
}

/* ---- Who is who ---- */

CHILD(has_parent) { return getppid() != atoi(argv[1]) || getpid() == getppid(); }

BEHAVIOUR(getppid_parent, "XSH getppid: is the pid of who started the process")
{
    char parent[20];

    snprintf(parent, sizeof parent, "%d", (int)getpid());
    EQUAL(run_child("has_parent", parent, NULL), 0);
}

/* ---- wait ---- */

BEHAVIOUR(wait_no_child, "XSH wait, waitpid: without children ECHILD")
{
    int status;

    FAILS(wait(&status), ECHILD);
    FAILS(waitpid(-1, &status, WNOHANG), ECHILD);
    FAILS(waitpid(NO_PROCESS, &status, 0), ECHILD);
}

BEHAVIOUR(wait_once, "XSH waitpid: a child's end is told once")
{
    pid_t child = start_child("exits", "0", NULL);

    EQUAL(exit_status(child), 0);
    FAILS(waitpid(child, NULL, 0), ECHILD);
}

BEHAVIOUR(wait_options, "XSH waitpid: unknown options are EINVAL")
{
    FAILS(waitpid(-1, NULL, 0x100000), EINVAL);
}

BEHAVIOUR(wait_nohang, "XSH waitpid: WNOHANG returns 0 while the child runs")
{
    int status;
    pid_t child = start_child("waits_for_signal", NULL, NULL);

    REQUIRE(child > 0);
    EQUAL(waitpid(child, &status, WNOHANG), 0);
    CHECK(kill(child, SIGKILL) == 0);
    EQUAL(waitpid(child, &status, 0), child);
}

BEHAVIOUR(wait_any, "XSH wait: tells of each child that has ended, once")
{
    pid_t first = start_child("exits", "1", NULL), second = start_child("exits", "2", NULL);
    int status = 0, sum = 0;

    for (int i = 0; i < 2; i++) {
        pid_t child = wait(&status);
        CHECK(child == first || child == second);
        EQUAL(WEXITSTATUS(status), child == first ? 1 : 2);
        sum += WEXITSTATUS(status);
    }
    EQUAL(sum, 3);
    FAILS(wait(&status), ECHILD);
}

BEHAVIOUR(wait_given, "XSH waitpid: a given pid is waited for, others stay to be waited for")
{
    pid_t first = start_child("exits", "1", NULL), second = start_child("exits", "2", NULL);

    EQUAL(exit_status(second), 2);
    EQUAL(exit_status(first), 1);
}

BEHAVIOUR(wait_signalled, "XSH waitpid: WIFSIGNALED and WTERMSIG tell the signal that ended it")
{
    int status = 0;
    pid_t child = start_child("waits_for_signal", NULL, NULL);

    REQUIRE(child > 0 && kill(child, SIGTERM) == 0);
    EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && !WIFEXITED(status));
    EQUAL(WTERMSIG(status), SIGTERM);
}

BEHAVIOUR(wait_stopped, "XSH waitpid: WUNTRACED tells of a stop, WCONTINUED of going on")
{
    int status = 0;
    pid_t child = start_child("waits_for_signal", NULL, NULL);

    REQUIRE(child > 0 && kill(child, SIGSTOP) == 0);
    EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK(kill(child, SIGCONT) == 0);
    EQUAL(waitpid(child, &status, WCONTINUED), child);
    CHECK(WIFCONTINUED(status));
    CHECK(kill(child, SIGKILL) == 0);
    EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

BEHAVIOUR(wait_group, "XSH waitpid: a negative pid waits for a process of that group")
{
    posix_spawnattr_t attributes;
    pid_t child = -1, other = start_child("exits", "1", NULL);
    int status = 0;

    REQUIRE(posix_spawnattr_init(&attributes) == 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    EQUAL(spawn_with(&child, NULL, &attributes, "exits", "4"), 0);
    EQUAL(waitpid(-child, &status, 0), child);
    EQUAL(WEXITSTATUS(status), 4);
    EQUAL(waitpid(0, &status, 0), other);
    posix_spawnattr_destroy(&attributes);
}

/* ---- kill ---- */

BEHAVIOUR(kill_nobody, "XSH kill: a pid that nobody has is ESRCH")
{
    FAILS(kill(NO_PROCESS, SIGTERM), ESRCH);
    FAILS(kill(NO_PROCESS, 0), ESRCH);
    FAILS(kill(-NO_PROCESS, SIGTERM), ESRCH);
}

BEHAVIOUR(kill_invalid, "XSH kill: an unknown signal is EINVAL")
{
    FAILS(kill(getpid(), 9999), EINVAL);
    FAILS(kill(getpid(), -1), EINVAL);
}

BEHAVIOUR(kill_zero, "XSH kill: signal 0 only asks whether the process is there")
{
    pid_t child = start_child("waits_for_signal", NULL, NULL);

    REQUIRE(child > 0);
    CHECK(kill(child, 0) == 0);
    EQUAL(waitpid(child, NULL, WNOHANG), 0);
    CHECK(kill(child, SIGKILL) == 0);
    EQUAL(waitpid(child, NULL, 0), child);
    FAILS(kill(child, 0), ESRCH);
}

BEHAVIOUR(kill_group, "XSH kill: a negative pid sends to all of the group")
{
    posix_spawnattr_t attributes;
    pid_t leader = -1, member = -1;
    int first = 0, second = 0;

    REQUIRE(posix_spawnattr_init(&attributes) == 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    REQUIRE(spawn_with(&leader, NULL, &attributes, "waits_for_signal", NULL) == 0);
    posix_spawnattr_setpgroup(&attributes, leader);
    REQUIRE(spawn_with(&member, NULL, &attributes, "waits_for_signal", NULL) == 0);
    EQUAL(getpgid(member), leader);
    CHECK(kill(-leader, SIGTERM) == 0);
    EQUAL(waitpid(leader, &first, 0), leader);
    EQUAL(waitpid(member, &second, 0), member);
    CHECK(WIFSIGNALED(first) && WIFSIGNALED(second));
    posix_spawnattr_destroy(&attributes);
}
