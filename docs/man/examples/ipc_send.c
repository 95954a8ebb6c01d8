/* SPDX-License-Identifier: MIT */
#include <iris/ipc.h>

enum { LABEL_NOTE = 3 };

/* Tells a server something and does not wait for what it makes of it.
 */
int note(uint32_t portal, uint32_t level, uint32_t what)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_NOTE, 2),
                             .word = {level, what}};

    return iris_ipc_send(portal, &m);
}
