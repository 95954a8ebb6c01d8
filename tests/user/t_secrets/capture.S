/* SPDX-License-Identifier: MIT */
/* Registers as they are, which C cannot say. The door is the vDSO's. */
    .text

/* void capture_ipc(struct captured *) */
    .globl capture_ipc
    .type capture_ipc, @function
capture_ipc:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 20(%esp), %eax
    pushl %eax
    movl 4(%eax), %ebp
    movl 8(%eax), %ebx
    movl 12(%eax), %esi
    movl 16(%eax), %edi
    movl 20(%eax), %ecx
    movl 24(%eax), %edx
    movl 0(%eax), %eax
    call *iris_ipc@GOT
    pushfl
    pushl %eax
    movl 8(%esp), %eax
    popl 0(%eax)
    popl 28(%eax)
    movl %ebp, 4(%eax)
    movl %ebx, 8(%eax)
    movl %esi, 12(%eax)
    movl %edi, 16(%eax)
    movl %ecx, 20(%eax)
    movl %edx, 24(%eax)
    addl $4, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret
    .size capture_ipc, . - capture_ipc

/* void capture_start(void *) */
    .globl capture_start
    .type capture_start, @function
capture_start:
    pushl %eax
    pushfl
    movl 12(%esp), %eax
    popl 28(%eax)
    popl 0(%eax)
    movl %ebp, 4(%eax)
    movl %ebx, 8(%eax)
    movl %esi, 12(%eax)
    movl %edi, 16(%eax)
    movl %ecx, 20(%eax)
    movl %edx, 24(%eax)
    xorl %eax, %eax
    ret
    .size capture_start, . - capture_start

    .section .note.GNU-stack, "", @progbits
