/* SPDX-License-Identifier: MIT */
/* Doors of the kernel, entered as no sane program would. One of the programs that are allowed to
   have SYSENTER and INT of their own. */
#include <iris/calls.h>
#include <iris/layout.h>

#define LANDED 99

    .text

/* void shot_fire(struct shot *): entry.h has the order of the words. */
    .globl shot_fire
shot_fire:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 20(%esp), %esi
    movl 0(%esi), %eax
    movl 4(%esi), %ebp
    movl 8(%esi), %ebx
    movl 32(%esi), %edx
    xorl %edi, %edi
    pushl 28(%esi)
    movw 24(%esi), %gs
    movw 20(%esi), %fs
    movw 16(%esi), %es
    movw 12(%esi), %ds
    popfl
    call *%edx
    pushfl
    popl %edx
    pushl $0x202
    popfl
    movl $IRIS_USER_DS, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    movl %ecx, %fs
    movl $IRIS_USER_GS, %ecx
    movl %ecx, %gs
    movl 20(%esp), %esi
    movl %edx, 36(%esi)
    movl %ebp, 40(%esi)
    movl %eax, 44(%esi)
    movl $1, 48(%esi)
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

    .globl shot_ipc_gate
shot_ipc_gate:
    int $IRIS_GATE_IPC
    ud2 /* the kernel goes back to the vDSO, whose `ret` takes our return address */

    .globl shot_sysenter
shot_sysenter:
    movl %esp, %ecx
    sysenter
    ud2

    .globl shot_call_gate
shot_call_gate:
    int $IRIS_GATE_CALL
    ret

/* void naked_sysenter(struct naked *) */
    .globl naked_sysenter
naked_sysenter:
    movl 4(%esp), %esi
    movl 0(%esi), %eax
    movl 4(%esi), %ecx
    movl 8(%esi), %edx
    movl 16(%esi), %ebp
    movl 12(%esi), %esp
    xorl %ebx, %ebx
    xorl %edi, %edi
    sysenter
    ud2

    .globl naked_landing
naked_landing:
    movl $LANDED, %ebx
    movl $IRIS_CALL_THREAD_EXIT, %eax
    int $IRIS_GATE_CALL
    ud2

/* void run_bytes(void *code) */
    .globl run_bytes
run_bytes:
    pushal
    movl 36(%esp), %edx
    movl $0xfffffffe, %eax
    xorl %ebp, %ebp
    call *%edx
    popal
    cld
    ret

/* void jump_garbage(void *address) */
    .globl jump_garbage
jump_garbage:
    movl 4(%esp), %eax
    pushl $naked_landing
    pushl $naked_landing
    pushl %eax
    movl $0xdead0001, %eax
    movl $0xdead0003, %ebx
    movl $0xdead0005, %ecx
    movl $0xdead0007, %edx
    movl $0xdead0009, %esi
    movl $0xdead000b, %edi
    movl $0xdead000d, %ebp
    ret

    .section .note.GNU-stack, "", @progbits
