/* SPDX-License-Identifier: MIT */
/* Files: the RAM file system, devices, the C library on the interface `file`. argv[1] is the topic.
 */
#include "t_files.h"

#include <string.h>

static const struct topic {
    const char *name;
    void (*check)(void);
} topics[] = {
    {"opening", check_opening}, {"contents", check_contents}, {"entries", check_entries},
    {"devices", check_devices}, {"attacks", check_attacks},   {"exhaustion", check_exhaustion},
    {"locks", check_locks},
};

int main(int argc, char *argv[])
{
    if (argc > 2 && strcmp(argv[1], "lock-child") == 0)
        return lock_child(argv[2]);
    test_begin("files");
    for (unsigned i = 0; argc > 1 && i < sizeof topics / sizeof topics[0]; i++)
        if (strcmp(argv[1], topics[i].name) == 0)
            topics[i].check();
    return test_end();
}
