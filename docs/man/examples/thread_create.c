/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

#include "slots.h"

enum { UTCB_SLOT = 100, PRIORITY = 10 };

static uint32_t stack[1024];
static volatile uint32_t done;

/* Without a C library of its own: pthread_create and
   iris_thread_launch do more. */
static void run(void)
{
    done = 1;
    iris_word_wake(&done, 1);
    iris_thread_exit(0);
}

int main(void)
{
    /* The thread pointer leads to a word that holds the address of the
     * UTCB. */
    static uint32_t block[] = {IRIS_UTCB_BASE +
                               UTCB_SLOT * IRIS_UTCB_SIZE};
    struct iris_word word = {(uint32_t)&done, 0};
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_START, 4),
                             .word = {(uint32_t)run,
                                      (uint32_t)(stack + 1024),
                                      (uint32_t)block}};
    int thread = iris_slot_alloc();

    stack[1023] = 0; /* there before it starts */
    if (iris_thread_create(0, thread, UTCB_SLOT, PRIORITY) < 0 ||
        iris_ipc_call(thread, &m) < 0)
        return 1;
    while (done == 0)
        iris_word_wait(&word, 1, ~0u, ~0u);
    iris_handle_discard(thread);
    return 0;
}
