/* SPDX-License-Identifier: MIT */
/* Between the steps of a start anything may happen, and nothing of it may stay. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit.h"
#include "process.h"
#include "slots.h"
#include "t_spawn.h"

static bool exists(uint32_t pid)
{
    struct process_info info;
    char name[33];
    return process_entry(IRIS_SLOT_PROCESS, pid, &info, name) == 0 && info.pid == pid;
}

/* Lets the process service come to what was told it. */
static bool goes(uint32_t pid)
{
    for (unsigned i = 0; i < 1000 && exists(pid); i++)
        usleep(1000);
    return !exists(pid);
}

static void check_never_started(void)
{
    struct start_terms terms = {.flags = 0};
    uint32_t pid, control;

    TEST_EQUAL(process_spawn(IRIS_SLOT_PROCESS, "bin/t_spawn", &pid, &control), 0, "made");
    TEST_CHECK(exists(pid), "it can be seen");
    iris_handle_discard(control);
    TEST_CHECK(goes(pid), "and goes when nobody can start it any more");
    TEST_EQUAL(process_spawn(IRIS_SLOT_PROCESS, "bin/t_spawn", &pid, &control), 0, "made");
    TEST_EQUAL(process_control_kill(control), 0, "killed before it has begun");
    TEST_EQUAL(process_control_start(control, 0, 0, "", 0, &terms), -EDEAD, "it cannot start");
    TEST_CHECK(!exists(pid), "it is gone");
    iris_handle_discard(control);
}

static void check_misuse(void)
{
    struct start_terms terms = {.flags = 0};
    uint32_t pid, control;
    int status = 0;

    process_spawn(IRIS_SLOT_PROCESS, "bin/true", &pid, &control);
    TEST_EQUAL(process_control_give(control, 0, IRIS_SLOT_STDIN), 0, "a file is given");
    TEST_EQUAL(process_control_give(control, 0, IRIS_SLOT_STDIN), -EEXIST, "but not twice");
    TEST_EQUAL(process_control_give(control, PROCESS_CONTROL_DESCRIPTOR_MAX + 1, IRIS_SLOT_STDIN),
               -EINVAL, "nor as any number");
    for (uint32_t fd = 3; fd < PROCESS_CONTROL_FILES_MAX + 2 && status == 0; fd++)
        status = process_control_give(control, fd, IRIS_SLOT_STDIN);
    TEST_EQUAL(status, 0, "as many as there may be");
    TEST_EQUAL(process_control_give(control, 1, IRIS_SLOT_STDOUT), -EMFILE, "and no more");
    TEST_EQUAL(process_control_start(control, 3, 0, "a\0b", 4, &terms), -EINVAL,
               "fewer strings than promised");
    TEST_EQUAL(process_control_start(control, 1, 0, "true", 5, &terms), 0, "it starts");
    TEST_EQUAL(process_control_start(control, 1, 0, "true", 5, &terms), -EBUSY, "once");
    TEST_EQUAL(process_control_give(control, 1, IRIS_SLOT_STDOUT), -EBUSY, "as it stands");
    waitpid((pid_t)pid, &status, 0);
    iris_handle_discard(control);
}

void test_steps(void)
{
    check_never_started();
    check_misuse();
    TEST_EQUAL(role_run("begin", "", NULL, NULL), 0, "a parent that ends between the steps");
}
