/* SPDX-License-Identifier: MIT */
/* The shell's command `mem`: who has how much of the machine's memory. */
#include <stdbool.h>

#include <iris/summary.h>
#include <iris/system.h>

#include "command.h"
#include "memory.h"
#include "process.h"

IRIS_SUMMARY("show memory in use (the command mem)");

#define KIB(pages) ((unsigned)(pages)*4)

/* false: it has just ended. */
static bool inspect(uint32_t pid, struct iris_space_info *space)
{
    uint32_t count = 0;
    return process_inspect(IRIS_SLOT_PROCESS, pid, IRIS_INSPECT_SPACE, 0, space, sizeof *space,
                           &count) == 0 &&
           count == 1;
}

static unsigned kernel_pages_used(void)
{
    struct process_info info;
    struct iris_space_info space;
    char name[33];
    unsigned used = 0;
    for (uint32_t pid = 0; process_entry(IRIS_SLOT_PROCESS, pid, &info, name) == 0;
         pid = info.pid + 1)
        if (inspect(info.pid, &space))
            used += space.pages_used;
    return used;
}

static void print_process(const struct process_info *info, const char *name)
{
    struct iris_space_info space;
    printf("%8u %7u %8u", (unsigned)info->pid, KIB(info->resident_pages), KIB(info->quota_pages));
    if (inspect(info->pid, &space))
        printf(" %8u %8u %8u", KIB(space.pages_used), KIB(space.pages_limit),
               (unsigned)space.handles);
    else
        printf(" %8s %8s %8s", "-", "-", "-");
    printf("  %s\n", name);
}

static int print_processes(void)
{
    struct process_info info;
    char name[33];
    uint32_t pid = 0;
    int error;
    printf("KiB: PID    USER    QUOTA   KERNEL    LIMIT  HANDLES  PROGRAM\n");
    while ((error = process_entry(IRIS_SLOT_PROCESS, pid, &info, name)) == 0) {
        print_process(&info, name);
        pid = info.pid + 1;
    }
    return error == -ENOENT ? COMMAND_OK : command_failed("mem", "process server", error);
}

int main(int argc, char *argv[])
{
    const volatile struct iris_data_page *page = iris_data_page();
    struct memory_summary memory;
    (void)argv;
    if (argc > 1)
        return command_usage("mem", "");
    int error = memory_summary(IRIS_SLOT_MEMORY, &memory);
    if (error != 0)
        return command_failed("mem", "memory server", error);
    printf("machine %8u KiB\n", KIB(page->memory_pages));
    printf("kernel  %8u KiB, %u in use\n", KIB(page->kernel_pages), KIB(kernel_pages_used()));
    printf("user    %8u KiB, %u free, %u of them zeroed; %u clients\n", KIB(memory.total_pages),
           KIB(memory.free_pages), KIB(memory.zeroed_pages), (unsigned)memory.clients);
    return print_processes();
}
