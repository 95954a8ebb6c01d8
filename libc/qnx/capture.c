/* SPDX-License-Identifier: MIT */
/*
 * Who has the right to reply. The thread that received a message has it as its current caller, and
 * runs on that caller's time: priority inheritance, for as long as it lasts. Nobody else can
 * answer a thread's current caller. So before the thread receives again it turns it into a handle;
 * and if another thread wants to answer first, it makes the owner do so, between any two of its
 * instructions (keep.S).
 */
#include <iris/calls.h>
#include <iris/object.h>
#include <iris/state.h>
#include <iris/vdso.h>

#include "../threads.h"
#include "qnx.h"
#include "slots.h"

static uint32_t settlements; /* counts; who waits for one sleeps on it */

/* ---- By the owner ---- */

static void announce(void)
{
    __atomic_fetch_add(&settlements, 1, __ATOMIC_RELEASE);
    iris_word_rouse_all(&settlements);
}

/* `slot` holds the handle; 0: there is none, the sender is gone. With the lock held. */
static void settled(struct message *message, uint32_t slot)
{
    message->owner = 0;
    message->reply = slot;
    if (message->wanted)
        announce();
    message->wanted = false;
}

static void settle(int rcvid)
{
    qnx_lock();
    struct message *message = qnx_message_find(rcvid);
    bool mine = message != NULL && message->owner == iris_utcb()->thread;
    if (mine)
        message->settling = true;
    qnx_unlock();
    if (!mine)
        return;
    int slot = iris_slot_alloc();
    bool kept = slot > 0 && iris_ipc_keep((uint32_t)slot) == 0;
    qnx_lock();
    message = qnx_message_find(rcvid);
    if (message != NULL && message->owner == iris_utcb()->thread)
        settled(message, kept ? (uint32_t)slot : 0);
    qnx_unlock();
    if (slot > 0 && !kept)
        iris_slot_free((uint32_t)slot);
}

void qnx_message_settle(void)
{
    int rcvid = qnx_self.current;

    qnx_self.current = 0;
    if (rcvid != 0)
        settle(rcvid);
}

void qnx_message_settle_wanted(void)
{
    if (qnx_self.current == 0)
        return;
    qnx_lock();
    const struct message *message = qnx_message_find(qnx_self.current);
    bool wanted = message != NULL && message->wanted;
    qnx_unlock();
    if (wanted)
        qnx_message_settle();
}

void qnx_message_answer_caller(struct iris_message *m)
{
    int slot = iris_slot_alloc();

    if (slot > 0 && iris_ipc_keep((uint32_t)slot) == 0)
        iris_ipc_reply((uint32_t)slot, m);
    if (slot > 0)
        iris_slot_free((uint32_t)slot);
}

/* ---- By another thread ---- */

/* What the owner executes in between; it reads and writes these. One at a time. */
extern const char qnx_keep_caller[];
uint32_t qnx_keep_slot, qnx_keep_done;
int qnx_keep_result;
static struct iris_mutex keeping;

/* Makes a halted thread begin with qnx_keep_caller and go on where it was. */
static int divert(uint32_t utcb_slot, struct iris_state *state)
{
    uint32_t *stack = (uint32_t *)state->registers.sp - 1;

    *stack = state->registers.ip;
    state->registers.sp = (uint32_t)stack;
    state->registers.ip = (uint32_t)qnx_keep_caller;
    return iris_thread_exchange_registers(
        IRIS_SLOT_SPACE, IRIS_STATE_SLOT(utcb_slot) | IRIS_STATE_REGISTERS | IRIS_STATE_RESUME,
        state);
}

/* Halts the owner and diverts it. -ESRCH: there is no such thread any more. -EBUSY: it waits for
   the answer to a call of its own. */
static int interrupt(uint32_t owner, uint32_t utcb_slot)
{
    struct iris_state state;
    const uint32_t which = IRIS_STATE_SLOT(utcb_slot);
    int status = iris_thread_exchange_registers(IRIS_SLOT_SPACE,
                                                which | IRIS_STATE_READ | IRIS_STATE_HALT, &state);

    if (status < 0)
        return -ESRCH;
    bool same = state.utcb.thread == owner, busy = state.registers.state == IRIS_THREAD_CALLING ||
                                                   state.registers.state == IRIS_THREAD_KEPT;
    if (same && !busy && divert(utcb_slot, &state) == 0)
        return 0;
    iris_thread_exchange_registers(IRIS_SLOT_SPACE, which | IRIS_STATE_RESUME, &state);
    return same ? -EBUSY : -ESRCH;
}

/* 0: the owner has kept its caller in `slot`. -ENOENT: it had none. Else as above. */
static int make_keep(uint32_t owner, uint32_t utcb_slot, uint32_t slot)
{
    qnx_keep_slot = slot;
    qnx_keep_done = 0;
    iris_mutex_lock(&threads_lock); /* signals are delivered in a similar way */
    int status = interrupt(owner, utcb_slot);
    iris_mutex_unlock(&threads_lock);
    if (status < 0)
        return status;
    while (__atomic_load_n(&qnx_keep_done, __ATOMIC_ACQUIRE) == 0)
        iris_word_sleep(&qnx_keep_done, 0, IRIS_DEADLINE_NONE);
    return qnx_keep_result;
}

/* One attempt; afterwards the message may be settled, or not yet. Without the lock. */
static void attempt(int rcvid, uint32_t owner, uint32_t utcb_slot)
{
    int slot = iris_slot_alloc();
    if (slot < 0)
        return;
    iris_mutex_lock(&keeping);
    int status = make_keep(owner, utcb_slot, (uint32_t)slot);
    iris_mutex_unlock(&keeping);
    qnx_lock();
    struct message *message = qnx_message_find(rcvid);
    bool mine = message != NULL && message->owner == owner;
    if (mine && status == 0)
        settled(message, (uint32_t)slot);
    else if (mine && (status == -ESRCH || (status == -ENOENT && !message->settling)))
        settled(message, 0); /* the owner or the sender is gone */
    qnx_unlock();
    if (status < 0)
        iris_slot_free((uint32_t)slot);
    else if (!mine)
        iris_handle_discard((uint32_t)slot);
}

#define RETRY_FIRST 1000000ull /* ns; doubled each time */
#define RETRY_LAST 64000000ull

/* One attempt, and then a while to see whether it has come about. With the lock held, which is
   given up meanwhile. */
static void press(struct message *message, uint64_t patience)
{
    uint32_t owner = message->owner, slot = message->owner_slot, seen = settlements;
    int rcvid = message->rcvid;

    message->wanted = true;
    qnx_unlock();
    attempt(rcvid, owner, slot);
    qnx_lock();
    message = qnx_message_find(rcvid);
    if (message == NULL || message->owner == 0)
        return;
    qnx_unlock();
    /* An owner in a call of its own is asked again: nobody tells when that call ends. */
    iris_word_sleep(&settlements, seen, iris_clock_monotonic() + patience);
    qnx_lock();
}

struct message *qnx_message_capture(int rcvid)
{
    struct message *message = qnx_message_find(rcvid);

    if (message != NULL && message->owner == iris_utcb()->thread) {
        qnx_unlock();
        settle(rcvid);
        qnx_lock();
        message = qnx_message_find(rcvid);
    }
    for (uint64_t patience = RETRY_FIRST; message != NULL && message->owner != 0;
         message = qnx_message_find(rcvid)) {
        press(message, patience);
        patience = patience < RETRY_LAST ? 2 * patience : RETRY_LAST;
    }
    return message;
}

struct message *qnx_message_reach(int rcvid)
{
    struct message *message = qnx_message_find(rcvid);
    bool mine = message != NULL && message->owner == iris_utcb()->thread;
    return mine ? message : qnx_message_capture(rcvid);
}
