/* SPDX-License-Identifier: MIT */
/* One line that says whether the kernel's structures are sound and how many objects there are.
   Tests compare it before and after (harness/iris_harness/protocol.py). */
#include <stdbool.h>

#include <iris/names.h>
#include <iris/summary.h>

#include "command.h"
#include "kernel_debug.h"
#include "memory.h"

IRIS_SUMMARY("let the kernel check itself and count its objects");

static int failed(const char *what, int error)
{
    printf("audit FAILED: %s: %s\n", what, command_error_text(error));
    return COMMAND_FAILED;
}

/* Debug builds measure it: how long interrupts had to wait at worst, and whose doing that was. */
static void print_longest_stay(uint32_t debug)
{
    struct kernel_statistics statistics;

    if (kernel_debug_statistics(debug, &statistics) != 0 || statistics.irq_off_max == 0)
        return;
    printf("longest stay in the kernel: %u cycles, vector 0x%x, call %u\n",
           (unsigned)statistics.irq_off_max, (unsigned)statistics.irq_off_place >> 16,
           (unsigned)statistics.irq_off_place & 0xffff);
}

int main(int argc, char *argv[])
{
    uint32_t debug;
    bool passed;
    struct audit_counts counts;
    struct memory_summary memory;
    (void)argv;
    if (argc > 1)
        return command_usage("audit", "");
    int error = names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug);
    if (error != 0)
        return failed(IRIS_NAME_DEBUG, error);
    error = memory_summary(IRIS_SLOT_MEMORY, &memory);
    if (error != 0)
        return failed("memory server", error);
    error = kernel_debug_audit(debug, &passed, &counts);
    if (error != 0)
        return failed("kernel", error);
    if (!passed) {
        printf("audit FAILED: the kernel's log says why; see log\n");
        return COMMAND_FAILED;
    }
    printf("audit ok: spaces=%u threads=%u ports=%u portals=%u handles=%u mappings=%u "
           "kernel_pages=%u user_pages=%u\n",
           (unsigned)counts.spaces, (unsigned)counts.threads, (unsigned)counts.ports,
           (unsigned)counts.portals, (unsigned)counts.handles, (unsigned)counts.mappings,
           (unsigned)counts.kernel_pages, (unsigned)(memory.total_pages - memory.free_pages));
    print_longest_stay(debug);
    return COMMAND_OK;
}
