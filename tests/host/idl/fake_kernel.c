/* SPDX-License-Identifier: MIT */
#include "fake_kernel.h"

#include <stdlib.h>
#include <string.h>

#include <sanitizer/asan_interface.h>

#include <iris/calls.h>

#include "slots.h"

#define SLOTS 256

struct fake_handle {
    uint32_t object, rights;
};

static struct iris_utcb *client, *server_utcb, *current;
static struct fake_handle table[SLOTS];
static uint32_t next_object = 1000;
static const struct iris_server *the_server;
static const uint32_t *forced;
static unsigned forced_handles, pages_lost;
static bool client_dies;
void (*fake_later)(void);

/* The one call that may be under way. */
static struct {
    bool active;    /* the server owes an answer */
    uint32_t reply; /* slot of the REPLY handle it was kept in */
    bool answered;
    struct iris_message answer;
    struct iris_buffer buffers[IRIS_BUFFERS_MAX];
    unsigned buffer_count;
    bool page_lost;
} call;

/* ---- Handles ---- */

struct iris_utcb *iris_utcb(void) { return current; }

unsigned fake_handles(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < SLOTS; i++)
        count += table[i].object != 0;
    return count;
}

void fake_object(uint32_t slot, uint32_t rights)
{
    if (slot == 0 || slot >= SLOTS || table[slot].object != 0)
        abort();
    table[slot] = (struct fake_handle){next_object++, rights};
}

int iris_handle_close(uint32_t handle)
{
    if (handle == 0 || handle >= SLOTS || table[handle].object == 0)
        return -EBADF;
    table[handle].object = 0;
    return 0;
}

int iris_handle_copy(uint32_t handle, uint32_t space, uint32_t slot, uint32_t rights)
{
    if (space != 0 || handle >= SLOTS || table[handle].object == 0)
        return -EBADF;
    if (slot >= SLOTS || table[slot].object != 0)
        return -EEXIST;
    table[slot] = (struct fake_handle){table[handle].object, table[handle].rights & rights};
    return 0;
}

int iris_handle_identify(uint32_t handle, uint32_t port, struct iris_handle_info *info)
{
    (void)port;
    if (handle >= SLOTS || table[handle].object == 0)
        return -EBADF;
    *info = (struct iris_handle_info){.slot = handle,
                                      .type = IRIS_TYPE_PORTAL,
                                      .rights = table[handle].rights,
                                      .object = table[handle].object};
    return 0;
}

int iris_port_create(uint32_t slot)
{
    fake_object(slot, IRIS_RIGHT_ALL);
    return 0;
}

int iris_port_bind(uint32_t port)
{
    (void)port;
    return 0;
}

/* Moves or copies the handles of a message; returns IRIS_TAG_DROPPED or 0. False: a bad handle. */
static bool transfer_handles(struct iris_utcb *from, struct iris_utcb *to, uint32_t tag,
                             uint32_t *dropped)
{
    unsigned count = iris_tag_handles(tag);

    for (unsigned i = 0; i < count; i++) {
        uint32_t handle = from->handles[i].handle;
        if (handle == 0 || handle >= SLOTS || table[handle].object == 0)
            return false;
    }
    to->received = 0;
    *dropped = 0;
    for (unsigned i = 0; i < count; i++) {
        struct iris_send_handle sent = from->handles[i];
        uint32_t slot = to->receive_slots[i];
        struct fake_handle moved = table[sent.handle];
        moved.rights &= sent.rights;
        if (sent.rights & IRIS_MOVE)
            table[sent.handle].object = 0;
        if (slot == 0 || table[slot].object != 0) {
            *dropped = IRIS_TAG_DROPPED;
            continue;
        }
        table[slot] = moved;
        to->received |= 1u << i;
    }
    return true;
}

/* ---- Buffers ---- */

void fake_lose_pages(unsigned count) { pages_lost = count; }

int iris_ipc_copy(uint32_t reply, uint32_t spec, uint32_t offset, void *address, uint32_t length)
{
    uint32_t index = spec & 3, access = spec & IRIS_COPY_OUT ? IRIS_BUFFER_WRITE : IRIS_BUFFER_READ;

    if (!call.active || reply != call.reply)
        return -ENOENT;
    if (index >= call.buffer_count || !(call.buffers[index].access & access))
        return -EPERM;
    if (offset > call.buffers[index].length)
        return -EINVAL;
    if (length > call.buffers[index].length - offset)
        length = call.buffers[index].length - offset;
    if (call.page_lost)
        return -EFAULT;
    if (length > 29 && !(spec & IRIS_COPY_PROBE))
        length = 29; /* fewer than asked: allowed */
    void *memory = (void *)(uintptr_t)(call.buffers[index].address + offset);
    if (spec & IRIS_COPY_PROBE)
        return (int)length;
    if (spec & IRIS_COPY_OUT)
        memcpy(memory, address, length);
    else
        memcpy(address, memory, length);
    return (int)length;
}

/* ---- Calls and answers ---- */

int iris_ipc_keep(uint32_t slot)
{
    if (!call.active || call.reply != 0 || client_dies)
        return -ENOENT;
    fake_object(slot, 0);
    call.reply = slot;
    return 0;
}

void fake_client_dies(bool dies) { client_dies = dies; }

static void deliver(struct iris_message *m)
{
    uint32_t dropped = 0;

    call.active = false;
    call.answered = true;
    call.answer = *m;
    if (client_dies || !transfer_handles(server_utcb, client, m->tag, &dropped)) {
        call.answer.tag = IRIS_TAG(client_dies ? EDEAD : EBADF, 0) | IRIS_TAG_ERROR;
        return;
    }
    call.answer.tag |= dropped;
    memcpy(client->words + 3, server_utcb->words + 3, sizeof client->words - 12);
}

static void reply(uint32_t slot, struct iris_message *m)
{
    if (slot >= SLOTS || slot != call.reply || !call.active)
        abort();
    deliver(m);
    iris_handle_close(slot);
    call.reply = 0;
    m->tag = client_dies ? IRIS_TAG(EDEAD, 0) | IRIS_TAG_ERROR : 0;
}

void fake_entered(void) { ASAN_UNPOISON_MEMORY_REGION(server_utcb->words, 256); }

/* What lies behind a message's words must not be looked at. Words 0-2 are always written. */
static void poison(uint32_t count, uint32_t garbage)
{
    if (count < 3)
        count = 3;
    for (uint32_t i = count; i < IRIS_WORDS_MAX; i++)
        server_utcb->words[i] = garbage;
    if (count < IRIS_WORDS_MAX)
        ASAN_POISON_MEMORY_REGION(server_utcb->words + count, (IRIS_WORDS_MAX - count) * 4);
}

static bool serve(struct iris_request *rq, uint32_t garbage)
{
    current = server_utcb;
    poison(iris_tag_words(rq->message.tag), garbage);
    bool answer = iris_server_serve(the_server, rq);
    fake_entered();
    return answer;
}

static void call_server(struct iris_message *m)
{
    struct iris_request rq = {.message = *m};
    bool oneway = m->tag & IRIS_TAG_NO_REPLY;
    uint32_t dropped = 0;

    if (!transfer_handles(client, server_utcb, m->tag, &dropped)) {
        m->tag = IRIS_TAG(EBADF, 0) | IRIS_TAG_ERROR;
        return;
    }
    memset(&call, 0, sizeof call);
    call.active = !oneway;
    call.buffer_count = iris_tag_buffers(m->tag);
    call.page_lost = pages_lost > 0;
    pages_lost -= call.page_lost;
    memcpy(call.buffers, client->buffers, sizeof call.buffers);
    rq.message.tag = (m->tag & ~(IRIS_TAG_NO_REPLY | IRIS_TAG_DEADLINE)) | dropped;
    rq.message.badge = 7;
    uint32_t count = iris_tag_words(m->tag);
    if (count > 3)
        memcpy(server_utcb->words + 3, client->words + 3, (count - 3) * 4);
    memset(client->words, 0xcc, sizeof client->words);
    memset(client->buffers, 0xcc, sizeof client->buffers);
    if (serve(&rq, 0x55555555) && !oneway)
        deliver(&rq.message);
    if (call.reply != 0 && fake_later)
        fake_later();
    current = client;
    if (oneway)
        m->tag = 0;
    else if (call.answered)
        *m = call.answer;
    else
        m->tag = IRIS_TAG(ECANCELED, 0) | IRIS_TAG_ERROR;
}

/* An answer no server of the interface would give. */
static void answer_forced(struct iris_message *m)
{
    m->tag = forced[0];
    memcpy(m->word, forced + 1, sizeof m->word);
    memcpy(client->words + 3, forced + 4, sizeof client->words - 12);
    client->received = 0;
    for (unsigned i = 0; i < forced_handles; i++)
        if (client->receive_slots[i] != 0) {
            fake_object(client->receive_slots[i], IRIS_RIGHT_ALL);
            client->received |= 1u << i;
        }
}

void iris_ipc_raw(uint32_t operation, struct iris_message *m)
{
    if (current == server_utcb)
        reply(operation, m);
    else if (operation != FAKE_PORTAL)
        m->tag = IRIS_TAG(EBADF, 0) | IRIS_TAG_ERROR;
    else if (forced)
        answer_forced(m);
    else
        call_server(m);
}

void fake_answer(const uint32_t *tag_and_words, unsigned handles)
{
    forced = tag_and_words;
    forced_handles = handles;
}

void fake_as_server(void (*function)(void))
{
    struct iris_utcb *before = current;
    current = server_utcb;
    function();
    current = before;
}

bool fake_serve(struct iris_request *rq, const uint32_t words[64], uint32_t handles,
                uint32_t garbage)
{
    memset(&call, 0, sizeof call);
    call.active = true;
    call.buffer_count = 0;
    next_object = 2000; /* the same message twice has the same answer */
    memcpy(server_utcb->words, words, sizeof server_utcb->words);
    memcpy(rq->message.word, words, sizeof rq->message.word);
    memset(server_utcb->words, 0xaa, 12); /* these travel in registers */
    server_utcb->received = 0;
    for (unsigned i = 0; i < iris_tag_handles(rq->message.tag) && i < IRIS_HANDLES_MAX; i++)
        if (handles & 1u << i) {
            fake_object(server_utcb->receive_slots[i], IRIS_RIGHT_ALL);
            server_utcb->received |= 1u << i;
        }
    bool answer = serve(rq, garbage);
    current = client;
    return answer;
}

const uint32_t *fake_server_words(void) { return server_utcb->words; }

void fake_start(const struct iris_server *server)
{
    client = calloc(1, sizeof *client);
    server_utcb = calloc(1, sizeof *server_utcb);
    the_server = server;
    fake_object(FAKE_PORTAL, IRIS_RIGHT_ALL);
    iris_slot_reserve_below(FAKE_PORTAL + 1);
    current = server_utcb;
    if (iris_server_begin(server) < 0)
        abort();
    current = client;
}
