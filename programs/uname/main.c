/* SPDX-License-Identifier: MIT */
/* What the vDSO and the data page tell: no kernel entry is needed for any of it. */
#include <stdbool.h>

#include <iris/calls.h>
#include <iris/summary.h>
#include <iris/system.h>
#include <iris/vdso.h>

#include "command.h"

IRIS_SUMMARY("tell the system's name; -a: version, processor, how the kernel is entered");

static void print_all(void)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{IRIS_FEATURE_SEP, "sep"},
                 {IRIS_FEATURE_PGE, "pge"},
                 {IRIS_FEATURE_FXSR, "fxsr"},
                 {IRIS_FEATURE_SSE, "sse"}};
    const volatile struct iris_data_page *page = iris_data_page();
    uint32_t features = iris_features();
    printf(" %s i686 abi=%u.%u processors=%u clock=%ukHz", iris_version_string(),
           (unsigned)page->abi_version >> 16, (unsigned)page->abi_version & 0xffff,
           (unsigned)iris_processors(), (unsigned)page->tsc_khz);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (features & names[i].bit)
            printf(" %s", names[i].name);
    printf(" door=%s fastpath=%s", features & IRIS_FEATURE_DOOR_SYSENTER ? "sysenter" : "gate",
           features & IRIS_FEATURE_FASTPATH ? "on" : "off");
}

int main(int argc, char *argv[])
{
    bool all = argc == 2 && strcmp(argv[1], "-a") == 0;
    if (argc > 1 && !all)
        return command_usage("uname", "[-a]");
    printf("Iris");
    if (all)
        print_all();
    putchar('\n');
    return COMMAND_OK;
}
