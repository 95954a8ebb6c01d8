/* SPDX-License-Identifier: MIT */
/*
 * Numbers of C structures for NASM. Never linked: compiled to assembly, from which the Makefile
 * takes the lines that begin with an arrow (build/V/gen/offsets.inc).
 */
#include <iris/datapage.h>

#include "ia32.h"
#include "port.h"
#include "thread.h"

#define NUMBER(name, value) __asm__ volatile("\n->" #name " %c0" ::"i"(value))

_Static_assert(sizeof(struct thread) == PAGE_SIZE, "a thread is one page");
_Static_assert(offsetof(struct thread, frame) + sizeof(struct frame) ==
                   offsetof(struct thread, hot),
               "the processor pushes right below the hot block");
_Static_assert(offsetof(struct thread, hot) == 4052, "hot block and return address: one line");
_Static_assert(sizeof(struct thread_hot) == 44, "the hot block ends with the page");
_Static_assert(offsetof(struct thread, canary) < 2048, "half of the page is left for the stack");
_Static_assert(offsetof(struct port, waiter) == 0, "the fast path reads it without an offset");
_Static_assert(offsetof(struct ia32_tss_page, link) == TSS_OFFSET, "scratch below the TSS");
_Static_assert(offsetof(struct portal, object) == 0, "an entry's object is the portal itself");
_Static_assert(sizeof(struct ia32_tss_page) == PAGE_SIZE, "the TSS has a page to itself");
_Static_assert(IRIS_THREAD_READY << 8 > THREAD_DEPTH_MAX, "state is above depth in the status");
_Static_assert(IRIS_DATA_PAGE + offsetof(struct iris_data_page, thread_pointer) ==
                   IRIS_THREAD_POINTER_WORD,
               "GS points at the thread pointer");

void offsets(void);
void offsets(void)
{
    /* struct frame, from its lowest address */
    NUMBER(FRAME_CS, offsetof(struct frame, cs));
    NUMBER(FRAME_SIZE, sizeof(struct frame));

    /* struct thread_hot, from its own address: what ESP is after `mov esp, [esp0]` */
    NUMBER(HOT_STATUS, offsetof(struct thread_hot, status));
    NUMBER(HOT_STATE, offsetof(struct thread_hot, state));
    NUMBER(HOT_FLAGS, offsetof(struct thread_hot, flags));
    NUMBER(HOT_CALLER, offsetof(struct thread_hot, caller));
    NUMBER(HOT_PARTNER, offsetof(struct thread_hot, partner));
    NUMBER(HOT_PORT, offsetof(struct thread_hot, port));
    NUMBER(HOT_PAGE_DIRECTORY, offsetof(struct thread_hot, page_directory));
    NUMBER(HOT_THREAD_POINTER, offsetof(struct thread_hot, thread_pointer));
    NUMBER(HOT_UTCB, offsetof(struct thread_hot, utcb));
    NUMBER(HOT_USER_SP, offsetof(struct thread_hot, user_sp));

    /* struct thread */
    NUMBER(STATUS_READY, IRIS_THREAD_READY << 8);
    NUMBER(STATUS_WAITING, IRIS_THREAD_WAITING << 8);
    NUMBER(STATE_READY, IRIS_THREAD_READY);
    NUMBER(STATE_CALLING, IRIS_THREAD_CALLING);
    NUMBER(DEPTH_MAX, THREAD_DEPTH_MAX);
    NUMBER(FLAG_STEPPED, THREAD_STEPPED);

    /* struct port, struct entry */
    NUMBER(PORT_WAITER, offsetof(struct port, waiter));
    NUMBER(PORT_BUSY, (uint32_t)PORT_BUSY);
    NUMBER(PORT_WAITERS, offsetof(struct port, waiters));
    NUMBER(PORT_PENDING, offsetof(struct port, pending));
    NUMBER(PORTAL_MASK, offsetof(struct portal, mask));
    NUMBER(PORTAL_PORT, offsetof(struct portal, port));
    NUMBER(OBJECT_DYING, offsetof(struct object, dying));
    NUMBER(CALL_NOTIFY, IRIS_CALL_NOTIFY);
    NUMBER(TYPE_PORTAL, IRIS_TYPE_PORTAL);
    NUMBER(RIGHT_NOTIFY, IRIS_RIGHT_NOTIFY);
    NUMBER(HANDLE_COUNT, IRIS_HANDLE_LIMIT);
    NUMBER(HANDLE_TYPE, ARCH_HANDLE_TABLE + offsetof(struct entry, type));
    NUMBER(HANDLE_RIGHTS, ARCH_HANDLE_TABLE + offsetof(struct entry, rights));
    NUMBER(HANDLE_OBJECT, ARCH_HANDLE_TABLE + offsetof(struct entry, object));
    NUMBER(HANDLE_SHIFT, ENTRY_SHIFT);
    NUMBER(HANDLE_PORT, ARCH_HANDLE_TABLE + offsetof(struct entry, port));
    NUMBER(HANDLE_BADGE, ARCH_HANDLE_TABLE + offsetof(struct entry, badge));

    /* message tags: label and 0-3 words only; label and 0-63 words only */
    NUMBER(TAG_NOT_SHORT, 0xffff & ~3);
    NUMBER(TAG_NOT_LONG, 0xffff & ~63);

    NUMBER(TSS_ESP0, offsetof(struct ia32_tss_page, esp0));
    NUMBER(DATA_THREAD_POINTER, offsetof(struct iris_data_page, thread_pointer));
    NUMBER(VDSO_BASE, IRIS_VDSO_BASE);
    NUMBER(DIRECT_MAP, ARCH_DIRECT_MAP);
    NUMBER(DIRECT_MAP_ENTRY, (ARCH_DIRECT_MAP >> 22) * 4);
    NUMBER(DIRECT_MAP_TABLES, ARCH_DIRECT_MAP_MAX >> 22);
    NUMBER(PDE_BOOT, PTE_PRESENT | PTE_WRITE | PDE_LARGE);
    NUMBER(CR4_PSE, CR4_PSE);
    NUMBER(CR0_BOOT, CR0_BOOT);
    NUMBER(CR0_CLEAR, CR0_EM | CR0_AM);

    NUMBER(USER_CS, IRIS_USER_CS);
    NUMBER(USER_DS, IRIS_USER_DS);
    NUMBER(USER_GS, IRIS_USER_GS);
    NUMBER(GATE_CALL, IRIS_GATE_CALL);
    NUMBER(GATE_IPC, IRIS_GATE_IPC);
    NUMBER(VECTOR_IRQ, VECTOR_IRQ);
    NUMBER(USER_EFLAGS, EFLAGS_USER);
    NUMBER(EFLAGS_TF, EFLAGS_TF);
    NUMBER(EFLAGS_IF, EFLAGS_IF);
    NUMBER(ERROR_FAULT, EFAULT);
}
