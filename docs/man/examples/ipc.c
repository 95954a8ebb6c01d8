/* SPDX-License-Identifier: MIT */
#include <iris/ipc.h>

/* Any operation at all, by the one inline function that knows the
   registers: here a call with one word, answered with one. */
int ask(uint32_t portal, uint32_t question, uint32_t *answer)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 1), .word = {question}};

    iris_ipc_raw(portal, &m);
    *answer = m.word[0];
    return iris_tag_error(m.tag);
}
