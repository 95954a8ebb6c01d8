/* SPDX-License-Identifier: MIT */
/*
 * Where an interrupted thread goes on, with all registers as they were but EIP (it waits in the
 * thread's record); and the door of IPC of programs with handlers. A thread that is inside a call
 * cannot be interrupted without losing the answer, so it looks by itself when it comes back.
 */
    .text

/* Saves all, calls the C function with the address of struct interrupted, and restores all from
   where it says. */
.macro interrupted function
    pushfl
    pushal
    cld
    movl %esp, %eax
    andl $-16, %esp
    subl $12, %esp
    pushl %eax
    call \function
    movl %eax, %esp
    popal
    popfl
    ret
.endm

    .globl signals_entry
    .type signals_entry, @function
signals_entry:
    leal -4(%esp), %esp /* for EIP; flags stay */
    interrupted signals_interrupted
    .size signals_entry, . - signals_entry

    .globl signals_ipc
    .type signals_ipc, @function
signals_ipc:
    call *signals_vdso_ipc
    movl %gs:0, %ecx
    cmpl $0, 16(%ecx) /* reserved[THREAD_WORD_SIGNALS] of struct iris_thread_block */
    jne 1f
    ret
1:  interrupted signals_after_call
    .size signals_ipc, . - signals_ipc

/* The word by which the program reaches iris_ipc leads here from now on. */
    .globl signals_watch_door
    .type signals_watch_door, @function
signals_watch_door:
0:  movl iris_ipc@GOT, %edx /* 8b 15, and the address of the word */
    movl 0b + 2, %eax
    movl $signals_ipc, %ecx
    cmpl %ecx, %edx
    je 1f
    movl %edx, signals_vdso_ipc
    movl %ecx, (%eax)
1:  ret
    .size signals_watch_door, . - signals_watch_door

    .bss
    .globl signals_vdso_ipc
    .balign 4
signals_vdso_ipc:
    .long 0

    .section .note.GNU-stack, "", @progbits
