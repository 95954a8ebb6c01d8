/* SPDX-License-Identifier: MIT */
/* Many children, of the archive and of a file, with files of several kinds; all counts are what
   they were before. */
#include <fcntl.h>
#include <unistd.h>

#include <iris/names.h>

#include "kit.h"
#include "leftover.h"
#include "names.h"
#include "t_spawn.h"

#define SETTLE_TRIES 500u

static unsigned run(unsigned count)
{
    unsigned good = 0;

    for (unsigned i = 0; i < count; i++)
        good += role_end(role_start_of(i % 2 == 0 ? SELF : LOADED, "open", "")) == 0x3f;
    return good;
}

static void run_a_few(void *unused)
{
    (void)unused;
    run(5);
}

void test_flat(unsigned count)
{
    static struct leftover before, after;
    uint32_t debug = 0;
    int file = open("/boot.conf", O_RDONLY), directory = open("/", O_RDONLY);

    TEST_CHECK(loaded_begin(), "a copy of this program");
    dup2(file, 5);
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug), 0, "the kernel's counts");
    TEST_EQUAL(directory, 4, "two files and a directory are open");
    TEST_CHECK(leftover_warm_up(debug, run_a_few, NULL, &before, SETTLE_TRIES),
               "a few children more change nothing");
    TEST_EQUAL(run(count), count, "children that had those files");
    TEST_CHECK(leftover_settles(debug, &before, &after, SETTLE_TRIES), "nothing stays behind");
    leftover_report(&before, &after);
    loaded_end();
    close(file);
    close(directory);
    close(5);
}
