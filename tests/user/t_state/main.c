/* SPDX-License-Identifier: MIT */
/* Threads read, changed, stopped, and born again: rows 23, 24, 26, 34, 42; attacks 23 and 24. */
#include <iris/summary.h>

#include "t_state.h"

IRIS_SUMMARY("test: a thread's state read, changed, and carried into another thread: [ROUNDS]");

bool reborn(struct bare *bare, uint32_t space, uint32_t port, struct iris_state *state)
{
    if (exchange(bare, IRIS_STATE_READ | IRIS_STATE_HALT, state) < 0 ||
        iris_object_destroy(bare->handle) < 0)
        return false;
    iris_handle_close(bare->handle);
    if (iris_thread_create(space, bare->handle, bare->utcb_slot, kit_priority()) < 0)
        return false;
    state->registers.port = port;
    return exchange(bare, IRIS_STATE_WRITE | IRIS_STATE_RESUME, state) == 0;
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 20);

    test_begin("t_state");
    test_refusals();
    test_moments(rounds);
    test_halting();
    test_processor();
    test_faults();
    test_long_calls();
    return test_end();
}
