/* SPDX-License-Identifier: MIT */
/* Descriptors of the child: POSIX.1-2017, posix_spawn and its file actions. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kit.h"
#include "t_spawn.h"

#define FILE_SOME "/boot.conf" /* begins with '#' */

static void check_inheritance(void)
{
    int fd = open(FILE_SOME, O_RDONLY), five = dup2(fd, 5);

    close(fd);
    TEST_EQUAL(five, 5, "a file is open as 5");
    TEST_EQUAL(role_run("open", "", NULL, NULL), 0x27, "a child has 0, 1, 2 and 5");
    TEST_EQUAL(role_run("read", "5", NULL, NULL), '#', "and can read from 5");
    TEST_EQUAL(role_run("slots", "", NULL, NULL), 3, "its slot is taken until it is closed");
    fcntl(5, F_SETFD, FD_CLOEXEC);
    TEST_EQUAL(role_run("open", "", NULL, NULL), 0x07, "with FD_CLOEXEC it stays here");
    fcntl(5, F_SETFD, 0);
    TEST_EQUAL(fcntl(5, F_GETFD), 0, "the flag is off again");
    close(5);
    TEST_EQUAL(role_run("open", "", NULL, NULL), 0x07, "and so does what is closed");
}

static void check_actions(void)
{
    posix_spawn_file_actions_t actions;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 4, FILE_SOME, O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, 4, 6);
    posix_spawn_file_actions_addclose(&actions, 0);
    posix_spawn_file_actions_addclose(&actions, 17);
    TEST_EQUAL(role_run("open", "", &actions, NULL), 0x56, "open 4, 6 from 4, without 0");
    TEST_EQUAL(role_run("read", "6", &actions, NULL), '#', "the copy can be read");
    posix_spawn_file_actions_adddup2(&actions, 4, 0);
    posix_spawn_file_actions_addclose(&actions, 4);
    TEST_EQUAL(role_run("read", "0", &actions, NULL), '#', "standard input is that file");
    TEST_EQUAL(role_run("open", "", &actions, NULL), 0x47, "in this order");
    posix_spawn_file_actions_destroy(&actions);
    TEST_EQUAL(fcntl(4, F_GETFD), -1, "the caller has no descriptor 4");
}

static void check_flag_in_actions(void)
{
    posix_spawn_file_actions_t actions;
    int fd = open(FILE_SOME, O_RDONLY | O_CLOEXEC);

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, 5);
    TEST_EQUAL(role_run("read", "5", &actions, NULL), '#', "dup2 of what has FD_CLOEXEC");
    posix_spawn_file_actions_adddup2(&actions, fd, fd);
    TEST_EQUAL(role_run("open", "", &actions, NULL), 0x27 | 1 << fd, "onto itself: it stays open");
    posix_spawn_file_actions_destroy(&actions);
    close(fd);
}

static void check_errors(void)
{
    posix_spawn_file_actions_t actions;

    posix_spawn_file_actions_init(&actions);
    TEST_EQUAL(posix_spawn_file_actions_addclose(&actions, -1), EBADF, "no descriptor");
    posix_spawn_file_actions_adddup2(&actions, 20, 4);
    TEST_EQUAL(role_run("open", "", &actions, NULL), -EBADF, "dup2 of what is not open");
    posix_spawn_file_actions_destroy(&actions);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 4, "/none", O_RDONLY, 0);
    TEST_EQUAL(role_run("open", "", &actions, NULL), -ENOENT, "a file that is not there");
    posix_spawn_file_actions_destroy(&actions);
}

static void check_directory(void)
{
    posix_spawn_file_actions_t actions;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, "/bin");
    posix_spawn_file_actions_addopen(&actions, 5, "t_spawn", O_RDONLY, 0);
    TEST_EQUAL(role_run("directory", "/bin", &actions, NULL), 1, "another directory");
    TEST_EQUAL(role_run("read", "5", &actions, NULL), 0x7f, "from which paths go on");
    posix_spawn_file_actions_addchdir_np(&actions, "..");
    TEST_EQUAL(role_run("directory", "/", &actions, NULL), 1, "and back");
    posix_spawn_file_actions_addchdir_np(&actions, FILE_SOME);
    TEST_EQUAL(role_run("directory", "/", &actions, NULL), -ENOTDIR, "not into a file");
    posix_spawn_file_actions_destroy(&actions);
}

void test_files(void)
{
    check_inheritance();
    check_actions();
    check_flag_in_actions();
    check_errors();
    check_directory();
}
