/* SPDX-License-Identifier: MIT */
/*
 * The complete state of a thread, as thread_exchange_registers reads and writes it. It is always
 * that of a thread between two of its instructions, whatever the thread is doing: an IPC that was
 * not received yet (a queued call, a wait) is about to be executed again, one that was received
 * shows ECANCELED, a fault is about to happen once more. So registers, FPU image and UTCB are all
 * there is: written to a new thread, they go on as if nothing had happened.
 */
#ifndef IRIS_STATE_H
#define IRIS_STATE_H

#include <stdint.h>

#include <iris/message.h>

/* What to do, in this order, in one go. */
#define IRIS_STATE_READ 0x001u   /* *state becomes the whole state, as it was before what follows */
#define IRIS_STATE_CANCEL 0x002u /* an IPC ends with ECANCELED, whether received or not */
#define IRIS_STATE_HALT 0x004u   /* stop; a call that was received stops when it is answered */
/* What to write from *state, into a thread that is (now) halted, or new: that is halted then. */
#define IRIS_STATE_REGISTERS 0x010u /* with ip, sp, flags and thread_pointer */
#define IRIS_STATE_FPU 0x020u
#define IRIS_STATE_UTCB 0x040u /* all but the slot and the thread's id */
#define IRIS_STATE_PORT 0x080u /* port: a handle of the writer's with RECEIVE; 0 unbinds */
#define IRIS_STATE_WRITE 0x0f0u
#define IRIS_STATE_RESUME 0x008u /* the last thing: go on */

/* Which thread, where the handle is that of a space. */
#define IRIS_STATE_SLOT_SHIFT 16
#define IRIS_STATE_SLOT(utcb_slot) ((uint32_t)(utcb_slot) << IRIS_STATE_SLOT_SHIFT)

/* The first fifteen words as the processor's entries leave them. */
struct iris_registers {
    uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
    uint32_t reserved[2];
    uint32_t ip, cs; /* written: cs and ss must be IRIS_USER_CS and IRIS_USER_DS */
    uint32_t flags;  /* written: what user mode may not change is masked, reserved bits: EINVAL */
    uint32_t sp, ss;
    uint32_t thread_pointer;
    uint32_t port;  /* read: id of the port it is bound to, 0: none */
    uint32_t state; /* read: enum iris_thread_state */
    uint32_t more[2];
};

struct iris_state {
    struct iris_registers registers;
    uint8_t fpu[512]; /* FXSAVE's image; FNSAVE's in the first 108 bytes where there is no FXSR */
    struct iris_utcb utcb;
};
_Static_assert(sizeof(struct iris_registers) == 80, "the state is ABI");
_Static_assert(sizeof(struct iris_state) == 80 + 512 + IRIS_UTCB_SIZE, "the state is ABI");

#endif
