/* SPDX-License-Identifier: MIT */
/* raw.h tells what this is. */
    .text

    .globl raw_ipc
raw_ipc:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 20(%esp), %edx
    movl 0(%edx), %eax
    movl 4(%edx), %ebp
    xorl %ebx, %ebx
    xorl %esi, %esi
    xorl %edi, %edi
    call *iris_ipc@GOT
    pushl %edx
    movl 24(%esp), %edx
    movl %eax, 0(%edx)
    movl %ebp, 4(%edx)
    movl %ecx, 8(%edx)
    popl 12(%edx)
    movl %ebx, 16(%edx)
    movl %esi, 20(%edx)
    movl %edi, 24(%edx)
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

    .globl raw_step
    .globl raw_stepped
    .globl raw_free
raw_step:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl $0x12345, %eax
    xorl %ebp, %ebp
    pushl $0x302 /* with TF */
    popfl
    call *iris_ipc@GOT
    nop
raw_stepped:
    nop
    pushl $0x202
    popfl
    movl $0x12345, %eax
    xorl %ebp, %ebp
    call *iris_ipc@GOT
    nop
raw_free:
    nop
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

    .section .note.GNU-stack, "", @progbits
