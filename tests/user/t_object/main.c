/* SPDX-License-Identifier: MIT */
/* Memory objects, and what mem promises about pages: rows 44, 46 and 48. */
#include <iris/summary.h>

#include <string.h>

#include "child.h"
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

int role_start(const char *role, uint32_t handle, uint32_t *pid)
{
    char strings[64] = "t_object";
    const struct iris_file_slot files[] =
        CHILD_STANDARD_FILES(handle, IRIS_SLOT_STDOUT, IRIS_SLOT_STDERR);
    struct child child = {.path = "bin/t_object",
                          .block = strings,
                          .block_size = (uint32_t)(sizeof "t_object" + strlen(role) + 1),
                          .argc = 2,
                          .files = files,
                          .files_count = 3};

    strcpy(strings + sizeof "t_object", role);
    int status = child_start(IRIS_SLOT_PROCESS, &child);
    if (status == 0)
        iris_handle_discard(child.control);
    *pid = child.pid;
    return status;
}

uint32_t role_end(uint32_t pid)
{
    uint32_t ended, status = 0xdead;

    process_wait(IRIS_SLOT_PROCESS, PROCESS_WHICH_ONE, pid, 0, &ended, &status);
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
