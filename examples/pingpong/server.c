/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/spawn.h>
#include <iris/startup.h>

#include "child.h"
#include "pingpong.h"
#include "slots.h"

#define BADGE_CLIENT 1
#define UTCB_SLOT_CLIENT 1 /* the main thread's is 0 */

/* The port, the server's own portal to it, and the portal given to the client. */
struct rendezvous {
    int port, portal, client;
};

/* ---- Making and freeing ---- */

static void rendezvous_free(struct rendezvous *r)
{
    iris_port_bind(0);
    if (r->client > 0)
        iris_handle_discard((uint32_t)r->client);
    if (r->portal > 0)
        iris_handle_discard((uint32_t)r->portal);
    if (r->port > 0)
        iris_handle_discard((uint32_t)r->port);
}

/* The server's own handle of a portal does not count as a client's: so the client gets a copy, and
   the server is told (DISCONNECT) when that is gone. */
static int rendezvous_make(struct rendezvous *r)
{
    r->port = iris_slot_alloc();
    r->portal = iris_slot_alloc();
    r->client = iris_slot_alloc();
    int error = r->port < 0 || r->portal < 0 || r->client < 0 ? -ENOMEM : 0;
    if (error == 0)
        error = iris_port_create((uint32_t)r->port);
    if (error == 0)
        error = iris_port_bind((uint32_t)r->port);
    if (error == 0)
        error = iris_portal_create((uint32_t)r->port, (uint32_t)r->portal, BADGE_CLIENT,
                                   IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (error == 0)
        error = iris_handle_copy((uint32_t)r->portal, 0, (uint32_t)r->client,
                                 IRIS_RIGHT_CALL | IRIS_RIGHT_COPY);
    if (error != 0)
        rendezvous_free(r);
    return error;
}

/* ---- Serving ---- */

/* Complements the words of a ping that came in; they go back from where they are. */
static void answer_ping(struct iris_message *m)
{
    unsigned words = iris_tag_words(m->tag);
    for (unsigned i = 0; i < words; i++)
        message_set_word(m, i, ~message_word(m, i));
    m->tag = IRIS_TAG(0, words);
}

static void take_tally(struct iris_message *m, struct tally *tally)
{
    tally->round_trips = message_word(m, 0);
    tally->bad += message_word(m, 1);
    tally->nanoseconds = message_word(m, 2) | (uint64_t)message_word(m, 3) << 32;
    m->tag = IRIS_TAG(0, 0);
}

/* Serves until the client has told its tally and closed its portal: DISCONNECT comes after all its
   calls. Each ping is checked here too: lengths and contents follow from its number. */
static int serve(struct tally *tally)
{
    struct iris_message m = {0};
    uint32_t pings = 0;
    bool told = false;
    int error = iris_ipc_wait(&m);
    *tally = (struct tally){0};
    while (error == 0) {
        if (m.tag & IRIS_TAG_KERNEL) {
            if (iris_tag_label(m.tag) == IRIS_EVENT_DISCONNECT)
                return told ? 0 : -EDEAD;
            m.tag = IRIS_TAG_NO_REPLY;
        } else if (iris_tag_label(m.tag) == LABEL_PING) {
            if (!message_matches(&m, pings % (IRIS_WORDS_MAX + 1), pings, false))
                tally->bad++;
            pings++;
            answer_ping(&m);
        } else {
            take_tally(&m, tally);
            told = tally->round_trips == pings;
        }
        error = iris_ipc_reply_and_wait(&m);
    }
    return error;
}

/* ---- A client in this process: a thread without the C library ---- */

struct bare_thread {
    struct iris_thread_block block __attribute__((aligned(IRIS_THREAD_BLOCK_ALIGN)));
    uint32_t portal, rounds;
    uint8_t stack[8192] __attribute__((aligned(16)));
};

/* Started by the message below; returning ends the thread. */
static void thread_main(struct bare_thread *thread)
{
    client_run(thread->portal, thread->rounds);
    iris_handle_close(thread->portal);
}

/* A thread begins with its first message: where to start, with what stack and thread pointer. */
static int thread_start(uint32_t handle, struct bare_thread *thread)
{
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_START, 4)};
    thread->block.utcb = (struct iris_utcb *)(IRIS_UTCB_BASE + UTCB_SLOT_CLIENT * IRIS_UTCB_SIZE);
    message_set_word(&m, 0, (uint32_t)(uintptr_t)thread_main);
    message_set_word(&m, 1, (uint32_t)(uintptr_t)(thread->stack + sizeof thread->stack));
    message_set_word(&m, 2, (uint32_t)(uintptr_t)&thread->block);
    message_set_word(&m, 3, (uint32_t)(uintptr_t)thread);
    return iris_ipc_call(handle, &m);
}

/* Ours, so that neither side can starve the other. */
static uint32_t own_priority(void)
{
    struct iris_thread_info info;
    int count = iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, 0, &info, 1);
    return count == 1 ? info.priority : 1;
}

int server_with_thread(uint32_t rounds, struct tally *tally)
{
    static struct bare_thread thread;
    struct rendezvous r = {0};
    int handle = iris_slot_alloc();
    int error = handle < 0 ? -ENOMEM : rendezvous_make(&r);
    if (error != 0)
        return error;
    error = iris_thread_create(0, (uint32_t)handle, UTCB_SLOT_CLIENT, own_priority());
    thread.portal = (uint32_t)r.client;
    thread.rounds = rounds;
    if (error == 0)
        error = thread_start((uint32_t)handle, &thread);
    if (error == 0)
        error = serve(tally); /* the thread closes its portal, which is r.client */
    if (error == 0) {
        iris_slot_free((uint32_t)r.client);
        r.client = 0;
    }
    iris_handle_discard((uint32_t)handle);
    rendezvous_free(&r);
    return error;
}

/* ---- A client in a process of its own ---- */

static int start_process(uint32_t rounds, uint32_t portal, uint32_t *pid)
{
    char block[64];
    int size =
        snprintf(block, sizeof block, "pingpong%c" CLIENT_OPTION "%c%u", 0, 0, (unsigned)rounds);
    /* Below iris_spawn: that takes files, and this hands on a portal that is none. */
    const struct iris_file_slot files[] =
        CHILD_STANDARD_FILES(portal, IRIS_SLOT_STDOUT, IRIS_SLOT_STDERR);
    struct child child = {.path = "bin/pingpong",
                          .block = block,
                          .block_size = (uint32_t)size + 1,
                          .argc = 3,
                          .files = files,
                          .files_count = 3};
    int error = child_start(IRIS_SLOT_PROCESS, &child);
    if (error == 0)
        iris_handle_discard(child.control);
    *pid = child.pid;
    return error;
}

int server_with_process(uint32_t rounds, struct tally *tally)
{
    struct rendezvous r = {0};
    uint32_t pid;
    int status = 0, error = rendezvous_make(&r);
    if (error != 0)
        return error;
    error = start_process(rounds, (uint32_t)r.client, &pid);
    if (error == 0) {
        iris_handle_discard((uint32_t)r.client); /* only the process has one now */
        r.client = 0;
        error = serve(tally);
        waitpid((pid_t)pid, &status, 0);
        if (error == 0 && status != 0)
            error = -EIO;
    }
    rendezvous_free(&r);
    return error;
}
