/* SPDX-License-Identifier: MIT */
/*
 * Messages: the tag, the UTCB, and what the IPC entry does with registers. The operations as inline
 * functions are in <iris/ipc.h>.
 *
 * A message is a tag, up to 64 words, up to 4 handles and up to 4 buffers that stay in the
 * sender's memory. Words 0-2 travel in registers both ways, words 3-63 in the UTCBs.
 *
 * Register convention of the vDSO entry `iris_ipc` (design: architecture.md section 3):
 *   in   EAX operation: a handle (call, send, reply to a REPLY handle), or -1 (IRIS_IPC_WAIT):
 *            reply to the current caller, then wait; with IRIS_TAG_NO_REPLY only wait
 *        EBP tag   EBX, ESI, EDI words 0-2
 *   out  EAX badge (when a message or event was received by waiting; else undefined)
 *        EBP tag   EBX, ESI, EDI words 0-2
 *   ECX, EDX and the flags are clobbered; the FPU state is kept.
 * The three registers travel whatever the tag's count says: the inline functions set all of them,
 * and whoever calls iris_ipc by other means must do so too, lest it give away what they hold.
 */
#ifndef IRIS_MESSAGE_H
#define IRIS_MESSAGE_H

#include <stdint.h>

#include <iris/error.h>
#include <iris/layout.h>

#define IRIS_WORDS_MAX 64
#define IRIS_HANDLES_MAX 4
#define IRIS_BUFFERS_MAX 4

/* ---- Tag ---- */

#define IRIS_TAG_WORDS 0x007fu    /* number of words, 0..64 */
#define IRIS_TAG_HANDLES 0x0380u  /* number of handles, 0..4 */
#define IRIS_TAG_BUFFERS 0x1c00u  /* number of buffers, 0..4 */
#define IRIS_TAG_DEADLINE 0x2000u /* in: give up at utcb->deadline */
#define IRIS_TAG_NO_REPLY 0x4000u /* in: a send (with a handle), a mere wait (with -1) */
#define IRIS_TAG_DROPPED 0x2000u  /* out: a handle was dropped for want of a receive slot */
#define IRIS_TAG_KERNEL 0x4000u   /* out: the kernel made this message (event or fault) */
#define IRIS_TAG_ERROR 0x8000u    /* out: nothing was transferred; the label is the error number */

#define IRIS_TAG(label, words) (((uint32_t)(label) << 16) | (uint32_t)(words))
#define IRIS_TAG_FULL(label, words, handles, buffers)                                              \
    (IRIS_TAG(label, words) | ((uint32_t)(handles) << 7) | ((uint32_t)(buffers) << 10))

static inline unsigned iris_tag_label(uint32_t tag) { return tag >> 16; }
static inline unsigned iris_tag_words(uint32_t tag) { return tag & IRIS_TAG_WORDS; }
static inline unsigned iris_tag_handles(uint32_t tag) { return (tag & IRIS_TAG_HANDLES) >> 7; }
static inline unsigned iris_tag_buffers(uint32_t tag) { return (tag & IRIS_TAG_BUFFERS) >> 10; }

/* 0, or a negative error number when the kernel could not carry the message. */
static inline int iris_tag_error(uint32_t tag)
{
    return tag & IRIS_TAG_ERROR ? -(int)iris_tag_label(tag) : 0;
}

/* Labels of messages that carry IRIS_TAG_KERNEL. Nobody else can set that flag. */
enum iris_kernel_label {
    IRIS_EVENT_NOTIFY = 0xff00,     /* word 0: the bits, now cleared; badge 0 */
    IRIS_EVENT_DISCONNECT = 0xff01, /* badge: of the portal whose last client handle was closed */
    IRIS_EVENT_EXIT = 0xff02,       /* badge: of the exit portal; words: thread id, reason, code */
    IRIS_FAULT_PAGE = 0xff03,       /* word 0 address, word 1 IP, word 2 IRIS_FAULT_* flags */
    IRIS_FAULT_EXCEPTION = 0xff04,  /* words: struct iris_exception */
};

/*
 * A fault is a call made by the kernel in the thread's name. Reply label 0: try again. Any other
 * label: a page fault becomes an exception message (vector 14), an exception kills the thread.
 */
#define IRIS_FAULT_PRESENT 1u /* the page was there, the access was not allowed */
#define IRIS_FAULT_WRITE 2u   /* bits of the x86 page-fault error code (SDM 3A 4.7) */
#define IRIS_FAULT_USER 4u

struct iris_exception {
    uint32_t vector, error, ip; /* words 0-2 */
    uint32_t sp, flags;
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
    uint32_t address; /* of a page fault */
    uint32_t thread;  /* thread id */
    uint32_t thread_pointer;
};

/* Reasons of IRIS_EVENT_EXIT. */
enum iris_exit_reason {
    IRIS_EXIT_RETURN = 0,    /* the thread returned or called thread_exit */
    IRIS_EXIT_FAULT = 1,     /* its exception was not resolved, or nobody handles it */
    IRIS_EXIT_DESTROYED = 2, /* object_destroy */
};

/* START: the first message to a new thread, by iris_ipc_call on its handle (right CONTROL). */
#define IRIS_LABEL_START 1 /* words: IP, SP, thread pointer, argument */

/* ---- UTCB: the user-visible part of a thread, 512 bytes, always mapped ---- */

struct iris_send_handle {
    uint32_t handle;
    uint32_t rights; /* the receiver gets at most these; IRIS_MOVE: the sender's entry is closed */
};

struct iris_buffer {
    uint32_t address;
    uint32_t length; /* bytes */
    uint32_t access; /* IRIS_BUFFER_* */
};
#define IRIS_BUFFER_READ 1u  /* the server may copy out of it */
#define IRIS_BUFFER_WRITE 2u /* the server may copy into it */
#define IRIS_BUFFER_PASS_SHIFT 8
#define IRIS_BUFFER_PASS_ON                                                                        \
    4u /* address is an offset, length a part of the current caller's                              \
          buffer named by bits 8-9 */

struct iris_utcb {
    uint32_t words[IRIS_WORDS_MAX]; /* 0-2 are not transferred: registers */
    struct iris_send_handle handles[IRIS_HANDLES_MAX];
    uint32_t receive_slots[IRIS_HANDLES_MAX]; /* 0: none. Kept as they are by the kernel */
    uint32_t received;                        /* out: bit i set: receive_slots[i] was filled */
    uint32_t slot;                            /* own slot number, written once by the kernel */
    uint64_t deadline;                        /* ns of iris_clock_monotonic, 0 = poll, ~0 = none */
    struct iris_buffer buffers[IRIS_BUFFERS_MAX];
    uint32_t thread; /* own thread id, written once by the kernel */
    uint32_t reserved[3];
    uint32_t user[32]; /* for the C library and user-level threads */
};
_Static_assert(sizeof(struct iris_utcb) == IRIS_UTCB_SIZE, "UTCB size is ABI");

#define IRIS_DEADLINE_POLL 0ull
#define IRIS_DEADLINE_NONE (~0ull)

#endif
