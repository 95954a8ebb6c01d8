/* SPDX-License-Identifier: MIT */
/* Who uses the processor: processes, the busiest first, looked at again and again. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/summary.h>
#include <iris/vdso.h>

#include "command.h"
#include "memory.h"
#include "options.h"
#include "who.h"

IRIS_SUMMARY("show who uses the processor: [-n TIMES] [-d SECONDS]; q ends it");

#define CLEAR "\033[H\033[J"
#define ROWS 20 /* of processes: with the head they fit on a screen */
#define MAX_SECONDS 3600
#define CTRL_C 3

/* A process at the last look and at this one. Times in ns. */
struct usage {
    const struct who_process *process;
    uint32_t pid;
    unsigned threads;
    uint64_t time, used;
};

static struct who who;
static struct usage tables[2][WHO_PROCESSES];

static void add_times(struct usage *table)
{
    for (unsigned i = 0; i < who.processes; i++)
        table[i] = (struct usage){.process = &who.process[i], .pid = who.process[i].info.pid};
    for (unsigned i = 0; i < who.threads; i++) {
        struct usage *usage = &table[who.thread[i].process - who.process];
        usage->threads++;
        usage->time += who.thread[i].info.time;
    }
}

/* What each has used since; both tables are in the order of process numbers. A thread that ended
   takes its time with it: that counts as none. */
static void subtract(struct usage *now, const struct usage *before, unsigned count)
{
    for (unsigned i = 0, j = 0; i < who.processes; i++) {
        while (j < count && before[j].pid < now[i].pid)
            j++;
        uint64_t then = j < count && before[j].pid == now[i].pid ? before[j].time : 0;
        now[i].used = now[i].time > then ? now[i].time - then : 0;
    }
}

static int by_use(const void *left, const void *right)
{
    const struct usage *const *a = left, *const *b = right;
    if ((*a)->used != (*b)->used)
        return (*a)->used < (*b)->used ? 1 : -1;
    return (*a)->pid < (*b)->pid ? -1 : 1;
}

/* In tenths of a percent. */
static unsigned share(uint64_t used, uint64_t elapsed)
{
    return elapsed > 0 ? (unsigned)(used * 1000 / elapsed) : 0;
}

static void print(struct usage *table, uint64_t elapsed)
{
    static const struct usage *sorted[WHO_PROCESSES];
    struct memory_summary memory = {.total_pages = 0};
    uint64_t busy = 0;
    for (unsigned i = 0; i < who.processes; i++) {
        sorted[i] = &table[i];
        busy += table[i].used;
    }
    qsort(sorted, who.processes, sizeof sorted[0], by_use);
    memory_summary(IRIS_SLOT_MEMORY, &memory);
    unsigned total = share(busy, elapsed);
    printf("%u processes, %u threads, processor %u.%u%% busy, %u of %u KiB free\n", who.processes,
           who.threads, total / 10, total % 10, (unsigned)memory.free_pages * 4,
           (unsigned)memory.total_pages * 4);
    printf("  PID  CPU%%  TIME/ms    KIB  THREADS  PROGRAM\n");
    for (unsigned i = 0; i < who.processes && i < ROWS; i++) {
        const struct usage *usage = sorted[i];
        unsigned part = share(usage->used, elapsed);
        printf("%5u %3u.%u %8u %6u %8u  %s\n", (unsigned)usage->pid, part / 10, part % 10,
               (unsigned)(usage->time / 1000000), (unsigned)usage->process->info.resident_pages * 4,
               usage->threads, usage->process->name);
    }
    if (who.processes > ROWS || who.incomplete)
        printf("(and more)\n");
    fflush(stdout);
}

/* False: somebody pressed q, or Ctrl-C. With other keys it looks at once. */
static bool wait(bool keyboard, int timeout)
{
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 'q';
    if (poll(&keys, keyboard ? 1 : 0, timeout) <= 0)
        return true;
    return read(STDIN_FILENO, &key, 1) == 1 && key != 'q' && key != CTRL_C;
}

static int look_again(bool keyboard, long times, int timeout)
{
    unsigned count = 0;
    uint64_t last = 0;
    bool clears = isatty(STDOUT_FILENO);
    for (long i = 0; times == 0 || i <= times; i++) {
        struct usage *now = tables[i % 2];
        int error = who_load(&who);
        uint64_t time = iris_clock_monotonic();
        if (error != 0)
            return command_failed("top", "process server", error);
        add_times(now);
        subtract(now, tables[(i + 1) % 2], count);
        if (i > 0) {
            fputs(clears ? CLEAR : "", stdout);
            print(now, time - last);
        }
        last = time;
        count = who.processes;
        if ((times == 0 || i < times) && !wait(keyboard, timeout))
            break;
    }
    return COMMAND_OK;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"top", "[-n TIMES] [-d SECONDS]", "n:d:"};
    struct termios terminal;
    long times = 0;
    int timeout = 2000;
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        if (letter == 'n')
            times = options_number(&options, optarg, 1, 1000000);
        else
            timeout = (int)options_number(&options, optarg, 1, MAX_SECONDS) * 1000;
    if (optind < argc)
        options_refuse(&options);
    /* With -n nobody is asked for keys: what was typed ahead is the shell's. */
    bool keys = times == 0 && tcgetattr(STDIN_FILENO, &terminal) == 0;
    if (keys) { /* as keys come, not by lines; Ctrl-C too, so that the terminal is set back */
        struct termios raw = terminal;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    int status = look_again(keys, times, timeout);
    if (keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    return status;
}
