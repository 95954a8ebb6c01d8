/* SPDX-License-Identifier: MIT */
/* What the children do. An argument "" means none. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "process.h"
#include "slots.h"
#include "t_spawn.h"

static int exits(const char *argument) { return atoi(argument); }

/* Which of the first 32 descriptors are open, as far as eight bits can tell: 0-6 and any other. */
static int tell_open(const char *argument)
{
    int open = 0;

    (void)argument;
    for (int fd = 0; fd < 32; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            open |= fd < 7 ? 1 << fd : 0x80;
    return open;
}

/* The first byte that descriptor `argument` gives. */
static int read_byte(const char *argument)
{
    unsigned char byte = 0;
    return read(atoi(argument), &byte, 1) == 1 ? byte : 255;
}

/* An inherited handle's slot is taken until it is closed, and then free. */
static int keep_slots(const char *argument)
{
    uint32_t slots[8];
    bool met = false, again = false;

    (void)argument;
    for (int i = 0; i < 8; i++)
        met |= (slots[i] = (uint32_t)iris_slot_alloc()) == IRIS_SLOT_FREE;
    close(5);
    again = iris_slot_alloc() == IRIS_SLOT_FREE;
    return (slots[0] == IRIS_SLOT_FREE + 1 && !met) + 2 * again;
}

static int tell_group(const char *argument)
{
    (void)argument;
    return (getpgrp() == getpid()) + 2 * (getsid(0) == getpid()) +
           4 * (getpgrp() == getpgid(getppid()));
}

static int tell_priority(const char *argument)
{
    (void)argument;
    return (int)kit_priority();
}

static int tell_directory(const char *argument)
{
    char path[64];
    return getcwd(path, sizeof path) != NULL && strcmp(path, argument) == 0;
}

static int tell_variable(const char *argument)
{
    const char *value = getenv("T_SPAWN");
    return value != NULL && strcmp(value, argument) == 0;
}

static int wait_for_ever(const char *argument)
{
    (void)argument;
    while (sleep(1000) == 0)
        continue;
    return 0;
}

/* Signals its parent, its grandparent and a server; bits of those that worked. */
static int signal_others(const char *argument)
{
    int worked = 0;

    worked |= kill(getppid(), 0) == 0;
    worked |= kill(atoi(argument), 0) == 0 ? 2 : 0;
    worked |= errno == EPERM ? 4 : 0;
    worked |= kill(1, SIGTERM) == 0 ? 8 : 0;
    worked |= errno == EPERM ? 16 : 0;
    worked |= kill(getppid(), SIGKILL) == 0 ? 32 : 0;
    return worked;
}

/* Leaves a child behind that was never started. */
static int begin_and_end(const char *argument)
{
    uint32_t pid, control;

    (void)argument;
    int error = process_spawn(IRIS_SLOT_PROCESS, "bin/t_spawn", &pid, &control);
    if (error == 0)
        error = process_control_give(control, 0, IRIS_SLOT_STDIN);
    return -error;
}

static int signal_one(const char *argument)
{
    return kill(atoi(argument), SIGTERM) == 0 ? 0 : errno;
}

static int start_sleeper(const char *argument)
{
    (void)argument;
    return role_start("sleeper", "", NULL, NULL) < 0;
}

static void be_interrupted(int signal) { (void)signal; }

/* Starts a program with a handler for SIGINT at hand: the error. */
static int start_path(const char *argument)
{
    struct sigaction action = {.sa_handler = be_interrupted};
    char self[] = "t_spawn";
    char *const argv[] = {self, NULL};
    pid_t pid;

    sigaction(SIGINT, &action, NULL);
    return posix_spawn(&pid, argument, NULL, NULL, argv, environ);
}

static const struct {
    const char *name;
    int (*play)(const char *argument);
} roles[] = {{"exit", exits},
             {"open", tell_open},
             {"read", read_byte},
             {"slots", keep_slots},
             {"group", tell_group},
             {"priority", tell_priority},
             {"directory", tell_directory},
             {"variable", tell_variable},
             {"sleeper", wait_for_ever},
             {"signal", signal_others},
             {"one", signal_one},
             {"begin", begin_and_end},
             {"leave", start_sleeper},
             {"start", start_path}};

int role_play(const char *role, const char *argument)
{
    for (unsigned i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(role, roles[i].name) == 0)
            return roles[i].play(argument);
    return 200;
}

int role_loaded(int argc, char *argv[])
{
    if (strcmp(argv[1], "quick") == 0)
        return atoi(argv[2]);
    if (strcmp(argv[1], "crash") == 0)
        *(volatile char *)(uintptr_t)role_loaded = 0;
    if (strcmp(argv[1], "script") != 0)
        return strchr(argv[1], '/') != NULL ? 8 : 201;
    return (strcmp(argv[2], SCRIPT) == 0) + 2 * (argc == 5 && strcmp(argv[4], "7") == 0) +
           4 * (argc == 5 && strcmp(argv[3], "quick") == 0);
}
