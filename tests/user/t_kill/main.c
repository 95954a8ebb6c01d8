/* SPDX-License-Identifier: MIT */
/*
 * Kills t_victim at random moments and insists that nothing of it is left: no object of the kernel,
 * no page of memory. The killer's priority is above the victim's and above what a server has while
 * it works for the victim, so it strikes wherever the timer finds them.
 *
 *     t_kill MODE [ROUNDS [SEED]]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/names.h>
#include <iris/spawn.h>
#include <iris/summary.h>

#include "kit.h"
#include "leftover.h"
#include "names.h"
#include "process.h"
#include "resident.h"

IRIS_SUMMARY("test: kill a program at random moments: MODE [ROUNDS [SEED]]");

#define PRIORITY 24u
#define WARM_UP 4u
#define MOMENT_MAX 16000u /* us from its start to its end; more than starting takes, or doubled */
#define MISSES 6u         /* when so many kills in a row came before what its mode says */
#define MORE_ROUNDS 100u  /* if none has met it there */
#define SETTLE_TRIES 200u

/* Where a victim is caught in the act: nowhere (it runs), in a fault, or in a call to a port. A
   call to proc is not seen: who asks proc about it lets proc finish that call first. */
static const struct mode {
    const char *name, *port;
    bool faults;
} modes[] = {
    {"running", NULL, false},
    {"paging", "service/mem", true},
    {"mem", "service/mem", false},
    {"names", "service/names", false},
    {"proc", NULL, false},
    {"files", "files", false},
    {"log", "service/log", false},
    {"debug", "kernel/debug", false},
    {"console", "files/dev/console", false},
    {"uart", "dev/uart", false},
    {"power", "dev/power", false},
    {"input", "files/dev/console", false},
    {"child", "service/proc", false},
    {"thread", NULL, false},
};

static uint32_t debug, random_state;

/* ---- Killing ---- */

static bool is_called(uint32_t port, const char *wanted)
{
    char name[121];
    return port != 0 && names_port_name(IRIS_SLOT_NAMES, port, name) == 0 &&
           (strcmp(name, wanted) == 0 ||
            /* the log server has two names for its port */
            (strcmp(wanted, "kernel/debug") == 0 && strcmp(name, "service/log") == 0));
}

static bool is_in_the_act(const struct mode *mode, const struct iris_thread_info *thread)
{
    if (mode->port == NULL)
        return thread->state == IRIS_THREAD_READY && !thread->faulting;
    return thread->state != IRIS_THREAD_READY && thread->faulting == mode->faults &&
           is_called(thread->port, mode->port);
}

static bool caught(const struct mode *mode, pid_t pid)
{
    struct iris_thread_info thread;
    uint32_t count = 0;

    return process_inspect(IRIS_SLOT_PROCESS, (uint32_t)pid, IRIS_INSPECT_THREADS, 0, &thread,
                           sizeof thread, &count) == 0 &&
           count == 1 && is_in_the_act(mode, &thread);
}

/* One life. False if it did not end by our hand. */
static bool kill_once(const struct mode *mode, unsigned most, unsigned *hits)
{
    char *const arguments[] = {"t_victim", (char *)(uintptr_t)mode->name, NULL};
    int status = 0;
    pid_t pid = iris_spawn("t_victim", arguments, NULL, NULL);

    if (pid < 0)
        return false;
    usleep(kit_random(&random_state) % most);
    *hits += caught(mode, pid);
    return kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGKILL;
}

static void kill_a_few(void *mode)
{
    unsigned unused = 0;

    for (unsigned i = 0; i < WARM_UP; i++)
        kill_once(mode, MOMENT_MAX, &unused);
}

static void kill_often(const struct mode *mode, unsigned rounds)
{
    struct leftover before, after = {.pages = 0};
    unsigned done = 0, killed = 0, hits = 0, most = MOMENT_MAX;

    TEST_CHECK(leftover_warm_up(debug, kill_a_few, (void *)(uintptr_t)mode, &before, SETTLE_TRIES),
               "a few kills more change nothing");
    for (; done < rounds || (hits == 0 && done < rounds + MORE_ROUNDS); done++) {
        killed += kill_once(mode, most, &hits);
        if (hits == 0 && done % MISSES == MISSES - 1 && most < 1000000)
            most *= 2; /* a slow machine */
    }
    TEST_EQUAL(killed, done, "victims killed");
    TEST_CHECK(hits > 0, "some of them in the act: %u", hits);
    leftover_settles(debug, &before, &after, SETTLE_TRIES);
    leftover_report(&before, &after);
    test_metric("kills", killed, "kills", "mode=%s in_the_act=%u", mode->name, hits);
}

int main(int argc, char *argv[])
{
    const struct mode *mode = modes, *end = modes + sizeof modes / sizeof *modes;

    while (mode < end && (argc < 2 || strcmp(mode->name, argv[1]) != 0))
        mode++;
    if (mode == end || names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug) != 0) {
        printf("usage: t_kill MODE [ROUNDS [SEED]]\n");
        return 2;
    }
    random_state = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 0) : 1;
    iris_resident(0); /* what it touches first in the middle would count as a leak */
    test_begin(mode->name);
    TEST_EQUAL(iris_thread_schedule(IRIS_SLOT_THREAD, PRIORITY, 0, 0, 0, 0), 0,
               "above its victims");
    kill_often(mode, argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 20);
    return test_end();
}
