/* SPDX-License-Identifier: MIT */
#include "stub.h"

#include <iris/calls.h>

#include "slots.h"

/* ---- Words ---- */

void iris_put_bytes(struct iris_cursor *c, const void *data, uint32_t length)
{
    uint32_t words = (length + 3) / 4;

    iris_put_u32(c, length);
    if (words != 0) {
        uint32_t *place = &c->utcb->words[c->at];
        place[words - 1] = 0;
        memcpy(place, data, length);
    }
    c->at += words;
}

uint32_t iris_take_bytes(struct iris_cursor *c, void *data, uint32_t capacity)
{
    uint32_t length = iris_take_u32(c);

    if (length > capacity || (length + 3) / 4 > c->count - c->at) {
        c->bad = true;
        return 0;
    }
    memcpy(data, &c->utcb->words[c->at], length);
    c->at += (length + 3) / 4;
    return length;
}

void iris_take_string(struct iris_cursor *c, char *text, uint32_t capacity)
{
    uint32_t length = iris_take_bytes(c, text, capacity);

    text[length] = '\0';
    if (memchr(text, '\0', length))
        c->bad = true;
}

/* ---- Client ---- */

#define CANCELLED_TRIES 8 /* a server that drops every call is not asked for ever */

/* A thread that is a server too has receive slots of its own; what a wrong reply left there would
   be in the way of its next clients. */
static void close_received(void)
{
    struct iris_utcb *utcb = iris_utcb();

    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++)
        if (utcb->received & 1u << i)
            iris_handle_close(utcb->receive_slots[i]);
    utcb->received = 0;
}

int iris_stub_error(uint32_t tag)
{
    unsigned label = iris_tag_label(tag);

    if (iris_tag_handles(tag) != 0 && !(tag & IRIS_TAG_ERROR))
        close_received();
    return label != 0 && label < 4096 ? -(int)label : -EIO;
}

bool iris_stub_cancelled(int status, unsigned *tries)
{
    return status == -ECANCELED && ++*tries < CANCELLED_TRIES;
}

bool iris_stub_faulted(int status, unsigned *tries) { return status == -EFAULT && (*tries)++ == 0; }

void iris_buffer_touch(const void *data, uint32_t length, bool writable)
{
    uintptr_t address = (uintptr_t)data, end = address + length;

    for (; address < end; address = (address | (IRIS_PAGE_SIZE - 1)) + 1) {
        volatile uint8_t *byte = (volatile uint8_t *)address;
        if (writable) /* atomic: another thread may be writing there */
            __asm__ volatile("lock orb $0, %0" : "+m"(*byte) : : "cc");
        else
            (void)*byte;
        if ((address | (IRIS_PAGE_SIZE - 1)) == UINTPTR_MAX)
            break;
    }
}

int iris_receive_begin(struct iris_receive *receive, uint32_t count)
{
    struct iris_utcb *utcb = iris_utcb();

    receive->count = count;
    for (uint32_t i = 0; i < count; i++) {
        int slot = iris_slot_alloc();
        if (slot < 0) {
            while (i-- > 0)
                iris_slot_free(receive->slot[i]);
            return slot;
        }
        receive->slot[i] = (uint32_t)slot;
    }
    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++) {
        receive->saved[i] = utcb->receive_slots[i];
        utcb->receive_slots[i] = i < count ? receive->slot[i] : 0;
    }
    utcb->received = 0;
    return 0;
}

int iris_receive_end(struct iris_receive *receive, int status)
{
    struct iris_utcb *utcb = iris_utcb();
    uint32_t all = (1u << receive->count) - 1, came = utcb->received & all;

    memcpy(utcb->receive_slots, receive->saved, sizeof receive->saved);
    if (status == 0 && came == all)
        return 0;
    for (uint32_t i = 0; i < receive->count; i++) {
        if (came & 1u << i)
            iris_handle_close(receive->slot[i]);
        iris_slot_free(receive->slot[i]);
        receive->slot[i] = 0;
    }
    return status != 0 ? status : -EIO;
}

/* ---- Narrow ---- */

int iris_narrow(uint32_t portal, uint32_t interface)
{
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_NARROW, 1), .word = {interface}};

    iris_ipc_raw(portal, &m);
    return m.tag == IRIS_TAG(0, 0) ? 0 : iris_stub_error(m.tag);
}
