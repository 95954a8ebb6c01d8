/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

#include "slots.h"
#include "thread.h"

enum { LABEL_SQUARE = 1, LABEL_END = 2 };

static int port, portal;

static int serve(void *unused)
{
    struct iris_message m;
    int error = iris_port_bind(port);

    (void)unused;
    for (error = error ? error : iris_ipc_wait(&m); error == 0;
         error = iris_ipc_reply_and_wait(&m)) {
        if (iris_tag_label(m.tag) == LABEL_END)
            break; /* the caller gets ECANCELED: this thread's end answers
                      it */
        m.word[0] *= m.word[0];
        m.tag = IRIS_TAG(0, 1);
    }
    return error;
}

int main(void)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_SQUARE, 1),
                             .word = {12}};
    struct iris_thread server;

    port = iris_slot_alloc();
    portal = iris_slot_alloc();
    if (iris_port_create(port) < 0 ||
        iris_portal_create(port, portal, 1, IRIS_RIGHT_CALL, 0) < 0 ||
        iris_thread_launch(&server, serve, NULL, NULL) < 0)
        return 1;
    int error = iris_ipc_call(portal, &m);
    printf("error %d, answer %u\n", error, (unsigned)m.word[0]);
    m = (struct iris_message){.tag = IRIS_TAG(LABEL_END, 0)};
    iris_ipc_send(portal, &m);
    iris_thread_join(&server, NULL);
    return error;
}
