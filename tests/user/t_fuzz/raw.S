/* SPDX-License-Identifier: MIT */
/* t_fuzz.h tells what this is. */
#include <iris/layout.h>

    .text

    .macro load ecx
    movl 0(%edx), %eax
    movl 4(%edx), %ebx
    .if \ecx
    movl 8(%edx), %ecx
    .endif
    movl 16(%edx), %esi
    movl 20(%edx), %edi
    movl 24(%edx), %ebp
    movl 12(%edx), %edx
    .endm

    .globl raw_enter
raw_enter:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 24(%esp), %ecx
    movl 20(%esp), %edx
    cmpl $1, %ecx
    je 2f
    ja 3f
    load 1
    int $IRIS_GATE_CALL
    jmp 9f
2:  load 0
    call *iris_ipc@GOT
    jmp 9f
3:  load 0
    call 4f
    jmp 9f
4:  movl %esp, %ecx
    int $IRIS_GATE_IPC
    ret
9:  movl 20(%esp), %edx
    movl %eax, 0(%edx)
    movl %ebx, 4(%edx)
    movl %esi, 16(%edx)
    movl %edi, 20(%edx)
    movl %ebp, 24(%edx)
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

    .section .note.GNU-stack, "", @progbits
