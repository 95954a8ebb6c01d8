/* SPDX-License-Identifier: MIT */
#include <iris/ipc.h>

#include "slots.h"

/* `kept` was filled by iris_ipc_keep. EBADF: the caller has not
   waited any longer. */
int answer(uint32_t kept, uint32_t result)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 1), .word = {result}};
    int error = iris_ipc_reply(kept, &m);

    iris_slot_free(kept);
    return error;
}
