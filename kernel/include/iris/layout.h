/* SPDX-License-Identifier: MIT */
/*
 * Addresses every program may rely on. Plain numbers: NASM reads them too (generated offsets).
 *
 *   0x00000000  page 0, never mapped
 *   0x00400000  programs are linked here (IRIS_PROGRAM_BASE)
 *   0xbfc00000  kernel-owned window: map and unmap refuse it (IRIS_WINDOW)
 *                 UTCB slots, 512 bytes each, chosen by the creator of a thread
 *   0xbffe0000  vDSO, read-only and executable
 *   0xbffff000  data page, read-only
 *   0xc0000000  kernel
 */
#ifndef IRIS_LAYOUT_H
#define IRIS_LAYOUT_H

#define IRIS_PAGE_SHIFT 12
#define IRIS_PAGE_SIZE 4096

#define IRIS_PROGRAM_BASE 0x00400000
#define IRIS_USER_TOP 0xc0000000 /* first address that is the kernel's */
#define IRIS_WINDOW 0xbfc00000   /* one page table: 4 MiB up to IRIS_USER_TOP */
#define IRIS_UTCB_BASE IRIS_WINDOW
#define IRIS_UTCB_SIZE 512
#define IRIS_UTCB_SLOTS 7936 /* (IRIS_VDSO_BASE - IRIS_UTCB_BASE) / IRIS_UTCB_SIZE */
#define IRIS_VDSO_BASE 0xbffe0000
#define IRIS_VDSO_PAGES_MAX 31
#define IRIS_DATA_PAGE 0xbffff000

/* `mov %gs:0` reads the word at this address: the running thread's thread pointer. */
#define IRIS_THREAD_POINTER_WORD 0xbffffffc

/* Segment selectors of user mode. Others may be reset to these at any time. */
#define IRIS_USER_CS 0x1b
#define IRIS_USER_DS 0x23
#define IRIS_USER_GS 0x2b

/* The two gates: kernel calls, and IPC as the second door beside SYSENTER. */
#define IRIS_GATE_CALL 0x40
#define IRIS_GATE_IPC 0x41

#define IRIS_HANDLE_LIMIT 65536 /* handles are 1 .. IRIS_HANDLE_LIMIT - 1 */

#define IRIS_PRIORITIES 64
#define IRIS_PRIORITY_NONE IRIS_PRIORITIES /* thread_schedule: a depleted budget does not run */

#endif
