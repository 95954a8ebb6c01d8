/* SPDX-License-Identifier: MIT */
/*
 * Something to be killed: works in one way, without end, until somebody puts an end to it. t_kill
 * and the scenarios do, at any moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/names.h>
#include <iris/spawn.h>
#include <iris/summary.h>

#include "command.h"
#include "console.h"
#include "kernel_debug.h"
#include "log.h"
#include "memory.h"
#include "names.h"
#include "power.h"
#include "process.h"
#include "serial.h"
#include "slots.h"
#include "stub.h"
#include "thread.h"

IRIS_SUMMARY("test: works until it is killed: running|paging|...|input");

#define PAGE 4096u

static volatile unsigned work;

static uint32_t service(const char *path)
{
    uint32_t portal;
    if (command_service("t_victim", path, &portal) != 0)
        exit(COMMAND_FAILED);
    return portal;
}

static void run(void) { work++; }

/* Fresh pages touched and given back: page faults, and calls to mem. */
static void page(void)
{
    enum { PAGES = 40 };
    uint32_t address = 0;
    if (memory_allocate(IRIS_SLOT_MEMORY, PAGES * PAGE, MEMORY_WRITE, &address) != 0)
        exit(COMMAND_FAILED);
    for (uint32_t i = 0; i < PAGES; i++)
        *(volatile uint32_t *)(uintptr_t)(address + i * PAGE) = i;
    memory_release(IRIS_SLOT_MEMORY, address, PAGES * PAGE);
}

static void call_mem(void)
{
    struct memory_usage usage;
    memory_usage(IRIS_SLOT_MEMORY, &usage);
}

/* A handle comes with the answer. */
static void call_names(void) { iris_handle_discard(service(IRIS_NAME_FILES)); }

static void call_proc(void)
{
    uint32_t pid, parent;
    process_identify_self(IRIS_SLOT_PROCESS, &pid, &parent);
}

/* An open file is an object of the server. */
static void call_files(void)
{
    char bytes[200];
    int file = open("/boot.conf", O_RDONLY);
    if (file < 0 || read(file, bytes, sizeof bytes) <= 0)
        exit(COMMAND_FAILED);
    close(file);
}

static void call_log(void)
{
    char bytes[100];
    uint32_t count, next;
    log_read(IRIS_SLOT_LOG, 0, bytes, sizeof bytes, &count, &next);
}

static void call_debug(void)
{
    static uint32_t debug;
    struct kernel_statistics statistics;
    if (debug == 0)
        debug = service(IRIS_NAME_DEBUG);
    kernel_debug_statistics(debug, &statistics);
}

/* The answer comes when the line is empty: until then the caller is kept. */
static void call_console(void) { console_drain(IRIS_SLOT_STDOUT); }

/* On an empty line it would be the driver's own threads that work, and those the killer has to wait
   for: it would find the call answered. A NUL shows nothing. */
static void call_uart(void)
{
    static uint32_t uart;
    uint32_t count;
    if (uart == 0)
        uart = service("dev/uart");
    serial_write(uart, "", 1, &count);
    serial_drain(uart);
}

/* Nothing that power does can be done twice; so it is only asked what it is. */
static void call_power(void)
{
    static uint32_t power;
    if (power == 0)
        power = service(IRIS_NAME_POWER);
    iris_narrow(power, POWER_INTERFACE);
}

static void wait_for_input(void)
{
    char byte;
    if (read(STDIN_FILENO, &byte, 1) < 0)
        exit(COMMAND_FAILED);
}

/* The child may be left behind: it ends by itself. */
static void make_child(void)
{
    char *const arguments[] = {"sleep", "0.03", NULL};
    int status;
    pid_t pid = iris_spawn("sleep", arguments, NULL, NULL);
    if (pid > 0)
        waitpid(pid, &status, 0);
}

static int thread_runs(void *argument)
{
    (void)argument;
    run();
    return 0;
}

static void make_thread(void)
{
    struct iris_thread thread;
    if (iris_thread_launch(&thread, thread_runs, NULL, NULL) != 0)
        exit(COMMAND_FAILED);
    iris_thread_join(&thread, NULL);
}

static const struct {
    const char *name;
    void (*once)(void);
} modes[] = {
    {"running", run},      {"paging", page},        {"mem", call_mem},
    {"names", call_names}, {"proc", call_proc},     {"files", call_files},
    {"log", call_log},     {"debug", call_debug},   {"console", call_console},
    {"uart", call_uart},   {"power", call_power},   {"input", wait_for_input},
    {"child", make_child}, {"thread", make_thread},
};

int main(int argc, char *argv[])
{
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0)
            for (;;)
                modes[i].once();
    return command_usage("t_victim", "running|paging|mem|names|proc|files|log|debug|console|uart|"
                                     "power|input|child|thread");
}
