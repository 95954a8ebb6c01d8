/* SPDX-License-Identifier: MIT */
/* Memory objects, and what mem promises about pages: rows 44, 46 and 48. */
#include <iris/summary.h>

#include <string.h>

#include "process.h"
#include "resident.h"
#include "t_object.h"

IRIS_SUMMARY("test: memory objects, copy on write, quotas, zeroed pages: [TOPIC]");

bool mapping_at(uint32_t address, struct iris_mapping_info *info)
{
    struct iris_mapping_info found;
    int count = iris_space_inspect(0, IRIS_INSPECT_MAPPINGS, address / PAGE, &found, 1);

    if (count != 1 || found.page != address / PAGE)
        return false;
    if (info)
        *info = found;
    return true;
}

struct memory_usage usage(void)
{
    struct memory_usage now = {0};

    memory_usage(IRIS_SLOT_MEMORY, &now);
    return now;
}

int child_start(const char *role, uint32_t handle, uint32_t *pid)
{
    char strings[64] = "t_object";
    uint32_t control, length = sizeof "t_object" + strlen(role) + 1;

    strcpy(strings + sizeof "t_object", role);
    int status = process_spawn(IRIS_SLOT_PROCESS, "bin/t_object", 2, 0, strings, length, handle,
                               IRIS_SLOT_STDOUT, IRIS_SLOT_STDERR, pid, &control);
    if (status == 0)
        iris_handle_discard(control);
    return status;
}

uint32_t child_end(uint32_t pid)
{
    uint32_t ended, status = 0xdead;

    process_wait(IRIS_SLOT_PROCESS, pid, 0, &ended, &status);
    return status;
}

static const struct {
    const char *name;
    void (*run)(void);
} topics[] = {{"share", test_share},   {"private", test_private}, {"sources", test_sources},
              {"limits", test_limits}, {"idle", test_idle},       {"mmap", test_mmap},
              {"heap", test_heap}};

static bool is_topic(const char *word)
{
    for (unsigned i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(word, topics[i].name) == 0)
            return true;
    return false;
}

int main(int argc, char *argv[])
{
    if (argc > 1 && !is_topic(argv[1]))
        return child_run(argv[1]);
    iris_resident(0); /* first touches of one's own pages are not what is counted here */
    test_begin("t_object");
    for (unsigned i = 0; i < sizeof topics / sizeof *topics; i++)
        if (argc < 2 || strcmp(argv[1], topics[i].name) == 0)
            topics[i].run();
    return test_end();
}
