/* SPDX-License-Identifier: MIT */
/*
 * The two pieces of the vDSO that are no stubs: the door of IPC and the place where threads begin.
 * Their addresses reach the kernel through vdso_offsets.h (tools/vdso_offsets.py).
 */
#include <iris/calls.h>
#include <iris/layout.h>

    .text

/*
 * iris_ipc: EAX operation, EBP tag, EBX ESI EDI words 0-2 (kernel/include/iris/message.h).
 *
 * SYSENTER saves neither EIP nor ESP: ESP travels in ECX, and the kernel always goes back to
 * iris_ipc_return. Where the gate is the door the kernel overwrites the two bytes at iris_ipc_door
 * with `int $IRIS_GATE_IPC` (cd 41) before any program runs; registers and return point stay the
 * same, so nobody above can tell.
 *
 * Unwinding: EBP is the tag here, and the inline functions of <iris/ipc.h> save theirs with a push
 * that their compiler's unwind information cannot know. So this function's describes that word as
 * well: [esp] return address, [esp+4] caller's EBP, and the caller's frame begins above both.
 * Blocked threads are found at iris_ipc_return. At a plain `ret` (c3) gdb would read none of this
 * but guess by itself (i386_stack_frame_destroyed_p in its sources), wrongly; `rep ret` is the same
 * single instruction with another first byte.
 */
    .globl iris_ipc
    .type iris_ipc, @function
    .p2align 4
iris_ipc:
    .cfi_startproc
    .cfi_def_cfa %esp, 8
    .cfi_offset %eip, -8
    .cfi_offset %ebp, -4
    movl %esp, %ecx
    .globl iris_ipc_door
    .hidden iris_ipc_door
iris_ipc_door:
    sysenter
    .globl iris_ipc_return
    .hidden iris_ipc_return
iris_ipc_return:
    rep ret
    .cfi_endproc
    .size iris_ipc, . - iris_ipc

/*
 * iris_thread_start: where every thread begins, by the START message: EAX function, EBX argument,
 * ESP stack. Calls the function and ends the thread with its result, so returning is exiting.
 * The outermost frame: no return address and EBP 0, where both kinds of unwinders stop.
 */
    .globl iris_thread_start
    .hidden iris_thread_start
    .type iris_thread_start, @function
    .p2align 4
iris_thread_start:
    .cfi_startproc
    .cfi_undefined %eip
    xorl %ebp, %ebp
    andl $-16, %esp /* psABI i386 2.2.2: ESP + 4 is a multiple of 16 at a function's entry */
    subl $12, %esp
    pushl %ebx
    call *%eax
    movl %eax, %ebx
    movl $IRIS_CALL_THREAD_EXIT, %eax
    int $IRIS_GATE_CALL
    ud2 /* thread_exit does not return */
    .cfi_endproc
    .size iris_thread_start, . - iris_thread_start

    .section .note.GNU-stack, "", @progbits
