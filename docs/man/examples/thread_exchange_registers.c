/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/state.h>

/* Stops a thread, tells where it is, and lets it go on. */
int show(uint32_t thread)
{
    static struct iris_state state;
    int error = iris_thread_exchange_registers(
        thread, IRIS_STATE_READ | IRIS_STATE_HALT, &state);

    if (error < 0)
        return error;
    printf("ip %08x, sp %08x\n", (unsigned)state.registers.ip,
           (unsigned)state.registers.sp);
    return iris_thread_exchange_registers(thread, IRIS_STATE_RESUME,
                                          &state);
}
