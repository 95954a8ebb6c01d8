/* SPDX-License-Identifier: MIT */
#include <iris/error.h>
#include <iris/ipc.h>

enum { LABEL_ADD = 1 };

/* A server's whole loop, by a thread that is bound to its port. The
   label of a reply says what became of the request: 0, or an error
   number of the server's own. */
int serve(void)
{
    struct iris_message m;
    uint32_t sum = 0;
    int error = iris_ipc_wait(&m);

    while (error == 0) {
        if (m.tag &
            IRIS_TAG_KERNEL) { /* an event: nobody waits for an answer */
            error = iris_ipc_wait(&m);
            continue;
        }
        if (iris_tag_label(m.tag) == LABEL_ADD &&
            iris_tag_words(m.tag) == 1)
            m = (struct iris_message){.tag = IRIS_TAG(0, 1),
                                      .word = {sum += m.word[0]}};
        else
            m = (struct iris_message){.tag = IRIS_TAG(ENOSYS, 0)};
        error = iris_ipc_reply_and_wait(&m);
    }
    return error;
}
