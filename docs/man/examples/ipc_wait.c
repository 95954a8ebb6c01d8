/* SPDX-License-Identifier: MIT */
#include <iris/ipc.h>

/* The next set of notification bits, by a thread that is bound to its
   port. */
int next_bits(uint32_t *bits)
{
    struct iris_message m;
    int error;

    do
        error = iris_ipc_wait(&m);
    while (error == 0 && iris_tag_label(m.tag) != IRIS_EVENT_NOTIFY);
    *bits = m.word[0];
    return error;
}
