/* SPDX-License-Identifier: MIT */
/*
 * What a thread executes when another wants the right to reply to its current caller (capture.c).
 * It comes here between two of its instructions, whose address is on the stack, and must go on as
 * if nothing had been: all registers and flags are saved, nothing of the C library is used, and
 * the UTCB stays as it is, for the thread may be putting a message together.
 */
        .text
        .globl  qnx_keep_caller
qnx_keep_caller:
        pushfl
        pushal
        cld
        pushl   qnx_keep_slot
        call    *iris_ipc_keep@GOT
        movl    %eax, qnx_keep_result
        movl    $1, qnx_keep_done
        movl    $-1, (%esp)
        pushl   $qnx_keep_done
        call    *iris_word_wake@GOT
        addl    $8, %esp
        popal
        popfl
        ret
