/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/ipc.h>

#include "slots.h"

static int waiting; /* 0, or the caller that is answered later */

/* Takes the caller just received out of the way: the loop can serve
   others. */
int keep_caller(void)
{
    int slot = iris_slot_alloc();
    int error = slot < 0 ? slot : iris_ipc_keep(slot);

    if (error == 0)
        waiting = slot;
    else if (slot > 0)
        iris_slot_free(slot);
    return error;
}

/* Later, when what it asked for is there. */
void answer_caller(uint32_t result)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 1), .word = {result}};

    iris_ipc_reply(waiting,
                   &m); /* the handle is used up, whatever came of it */
    iris_slot_free(waiting);
    waiting = 0;
}
