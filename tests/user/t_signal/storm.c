/* SPDX-License-Identifier: MIT */
/* A child sends signals as fast as it can, while its parent calls servers and malloc. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "memory.h"
#include "names.h"
#include "slots.h"
#include "t_signal.h"

static unsigned call_servers(void)
{
    struct memory_usage usage;
    uint32_t portal;
    unsigned wrong = memory_usage(IRIS_SLOT_MEMORY, &usage) != 0;

    if (names_lookup(IRIS_SLOT_NAMES, "kernel/debug", &portal) != 0)
        return wrong + 1;
    iris_handle_discard(portal);
    return wrong;
}

static unsigned use_memory(unsigned round)
{
    size_t size = 16 + round * 37 % 3000;
    uint8_t *block = malloc(size);

    if (block == NULL)
        return 1;
    memset(block, (int)round, size);
    unsigned wrong = block[size - 1] != (uint8_t)round;
    free(block);
    return wrong;
}

void test_storm(unsigned rounds)
{
    double product = 1.0;
    unsigned wrong = 0, done = 0;

    catch (SIGUSR1, counts, SA_RESTART);
    count = 0;
    pid_t child = role_start("storm");
    for (; done < rounds || (unsigned)count < rounds; done++) {
        wrong += call_servers() + use_memory(done);
        product = product * 1.5 / 1.5;
    }
    kill(child, SIGKILL);
    role_end(child);
    TEST_EQUAL(wrong, 0, "no call and no block of memory is harmed");
    TEST_CHECK(product > 0.999 && product < 1.001, "nor any number");
    test_metric("signals", (uint64_t)count, "signals", "rounds=%u", done);
    uncatch(SIGUSR1);
}
