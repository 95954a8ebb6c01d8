/* SPDX-License-Identifier: MIT */
/* Attack 5: numbers that are no handles, from all over 2^32, at both doors. */
#include "t_handles.h"

#include <string.h>

static bool used[IRIS_HANDLE_LIMIT];

static void learn_used(void)
{
    static struct iris_handle_info info[16];
    uint32_t cursor = 0;
    int count;

    memset(used, 0, sizeof used);
    while ((count = iris_space_inspect(0, IRIS_INSPECT_HANDLES, cursor, info, 16)) > 0)
        for (int i = 0; i < count; i++) {
            used[info[i].slot] = true;
            cursor = info[i].slot + 1;
        }
}

static bool is_handle(uint32_t number) { return number < IRIS_HANDLE_LIMIT && used[number]; }

/* True: every call that takes a handle refuses the number. */
static bool is_refused(uint32_t number)
{
    struct iris_handle_info info;
    struct iris_message m = {.tag = IRIS_TAG(1, 1)};
    bool refused = iris_handle_identify(number, 0, &info) == -EBADF &&
                   iris_handle_close(number) == -EBADF && iris_notify(number, 1) == -EBADF;

    if (number != IRIS_IPC_WAIT)
        refused = refused && iris_ipc_call(number, &m) == -EBADF;
    return refused;
}

static void sweep(uint32_t first, uint32_t stride, uint32_t probes)
{
    uint32_t number = first, accepted = 0, one = 0;

    for (uint32_t i = 0; i < probes; i++, number += stride)
        if (!is_handle(number) && !is_refused(number)) {
            accepted++;
            one = number;
        }
    TEST_CHECK(accepted == 0, "%u numbers from 0x%x by 0x%x: %u accepted (0x%x)", (unsigned)probes,
               (unsigned)first, (unsigned)stride, (unsigned)accepted, (unsigned)one);
}

void test_sweep(uint32_t probes)
{
    learn_used();
    TEST_CHECK(used[IRIS_SLOT_SPACE], "the own space is a handle");
    sweep(0, 1, probes < 1000 ? probes : 1000);
    sweep(0, 65537, probes); /* all of 2^32 */
    sweep(0x80000000, 0x01000193, probes);
    sweep(IRIS_HANDLE_LIMIT - 8, 1, 16); /* around the end of the table */
    sweep(0x07fffff0, 1, 32);            /* shifted by 5 these wrap */
    sweep(0x08000000 - 2, 0x08000000, 64);
    sweep(0xfffffff0, 1, 15);
    sweep(0xc0000000, 0x1000, 64);
    learn_used();
    TEST_CHECK(used[IRIS_SLOT_SPACE], "the real handles are all there");
}
