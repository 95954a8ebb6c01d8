/* SPDX-License-Identifier: MIT */
/* Buffers of calls that overlap, are passed on, or vanish while they are copied. */
#include <iris/summary.h>

#include "t_buffers.h"

IRIS_SUMMARY("test: buffers that overlap, are passed on, or vanish: [ROUNDS]");

int copy_all(uint32_t spec, uint32_t offset, void *address, uint32_t length)
{
    int done = 0, step;

    do {
        step = iris_ipc_copy(0, spec, offset + (uint32_t)done, (uint8_t *)address + done,
                             length - (uint32_t)done);
        if (step > 0)
            done += step;
    } while (step > 0 && (uint32_t)done < length);
    return step < 0 && done == 0 ? step : done;
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 200);

    test_begin("t_buffers");
    test_overlap();
    test_pass_on();
    test_vanish(rounds);
    return test_end();
}
