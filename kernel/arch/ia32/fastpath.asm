; SPDX-License-Identifier: MIT
;
; The IPC fast path: one call to a waiting server, or one reply to a waiting caller, with words and
; nothing else. Whatever is unusual goes, untouched, to ipc_slow and so to kernel/ipc.c.
;
; SYSENTER brings    EAX  handle, or -1: reply and wait      (kernel/include/iris/ipc.h)
;                    EBP  tag        EBX ESI EDI  words 0-2
;                    ECX  the user's ESP               EDX  anything
; SYSEXIT gives      EAX  badge      EBP tag      EBX ESI EDI  words
;                    ECX  -> ESP     EDX  -> EIP: always the vDSO's return point
; The message stays in its registers all the way: EBP EBX ESI EDI are never touched. EAX, ECX and
; EDX are all there is to work with. Words from 3 on are copied from UTCB to UTCB.
;
; ESP is the hot block of the running thread (thread.h), not a stack: pushes below it hit nothing
; of value (struct frame), so NMIs may. Every access is SS-relative, because DS and ES are whatever
; the user left there. Interrupts are off. A thread that is waited for (port.waiter, hot.caller) is
; always usual: unusual ones are taken off these links beforehand, so only the running thread is
; inspected.

%include "offsets.inc"
%include "vdso_offsets.inc"

extern ia32_tss, ia32_data_page
extern ipc_slow

RETURN_POINT    equ VDSO_BASE + VDSO_IPC_RETURN
%define CURRENT         ss:ia32_tss + TSS_ESP0
%define THREAD_POINTER  ss:ia32_data_page + DATA_THREAD_POINTER
%define TO              ss:edx + THREAD_HOT     ; EDX: page of the thread to switch to

; Call: EAX = handle. Finds who waits at its port: EAX = offset of the entry, ECX = port, EDX = page
; of the server's thread. Unused handles lead to a port where nobody ever waits.
%macro FIND_SERVER 1                            ; %1: where to go if nobody waits
        cmp     dword [esp + HOT_STATUS], STATUS_READY | DEPTH_MAX - 1
        ja      ipc_slow                ; a flag is set, or the chain would be too deep
        shl     eax, HANDLE_SHIFT
        mov     ecx, [ss:eax + HANDLE_PORT]
        mov     edx, [ss:ecx + PORT_WAITER]
        test    edx, edx
        jz      %1
%endmacro

; Point of no return: the server is ours. EAX = badge; ECX is free.
%macro LINK_CALL 0
        mov     dword [ss:ecx + PORT_WAITER], 0
        mov     eax, [ss:eax + HANDLE_BADGE]
        mov     ecx, [esp + HOT_STATUS]
        inc     ecx                     ; one deeper; READY, no flags
        mov     [TO + HOT_STATUS], ecx
        mov     byte [esp + HOT_STATE], STATE_CALLING
        mov     [esp + HOT_PARTNER], edx
        lea     ecx, [esp - THREAD_HOT]
        mov     [TO + HOT_CALLER], ecx
%endmacro

; Reply: EDX = page of the caller's thread, ECX = own port, where nothing must have come up.
%macro FIND_CALLER 1
        cmp     word [esp + HOT_FLAGS], 0
        jne     ipc_slow
        mov     edx, [esp + HOT_CALLER]
        test    edx, edx
        jz      ipc_slow
        mov     ecx, [esp + HOT_PORT]
        mov     eax, [ss:ecx + PORT_WAITER]
        or      eax, [ss:ecx + PORT_BUSY]
        jnz     %1                      ; EAX has to be restored
%endmacro

; Point of no return: the caller gets its answer, we wait. EAX and ECX are free.
%macro LINK_REPLY 0
        mov     [esp + HOT_CALLER], eax ; 0, as FIND_CALLER found
        lea     eax, [esp - THREAD_HOT]
        mov     [ss:ecx + PORT_WAITER], eax
        mov     dword [esp + HOT_STATUS], STATUS_WAITING
        mov     byte [TO + HOT_STATE], STATE_READY
%endmacro

; Copies words 3 .. n-1 (BP = n, 4-64) into the UTCB of EDX, with pushes: one instruction a word,
; and what an NMI pushes meanwhile is overwritten or lands on words 0-2, which have no meaning.
; Changes %1, ECX and, while it lasts, ESP.
%macro COPY_WORDS 2                             ; %1: a register, %2: table of entry points
        movzx   ecx, bp
        mov     %1, [TO + HOT_UTCB]
        lea     %1, [%1 + ecx * 4]
        xchg    %1, esp
        mov     %1, [ss:%1 + HOT_UTCB]
        jmp     [ss:%2 + ecx * 4]
%assign index 63
%rep 61
..@%2_%[index]:
        push    dword [ss:%1 + 4 * index]
%assign index index - 1
%endrep
        mov     esp, [CURRENT]
%endmacro

%macro COPY_TABLE 1                             ; entry points for n = 0 .. 64
%1:     times 4 dd 0                    ; these words are in registers
%assign index 3
%rep 61
        dd      ..@%1_ %+ index
%assign index index + 1
%endrep
%endmacro

; Switches from ESP (hot block) to EDX (page) and leaves the kernel; EAX is the badge.
%macro SWITCH_AND_LEAVE 0
        lea     ecx, [edx + THREAD_HOT]
        mov     [CURRENT], ecx
        mov     ecx, [TO + HOT_PAGE_DIRECTORY]
        cmp     ecx, [esp + HOT_PAGE_DIRECTORY]
        je      %%same_space
        mov     cr3, ecx
%%same_space:
        mov     ecx, [TO + HOT_THREAD_POINTER]
        mov     [THREAD_POINTER], ecx
        mov     ecx, [TO + HOT_USER_SP]
        mov     edx, RETURN_POINT
        sti                             ; takes effect after the next instruction
        sysexit
%endmacro

section .text
align 64
global sysenter_fast
sysenter_fast:
        mov     esp, [esp]              ; MSR: ESP was the address of tss.esp0
        push    dword 2                 ; NT TF AC DF and all the rest off
        popfd
        mov     [esp + HOT_USER_SP], ecx
        cmp     eax, HANDLE_COUNT
        jae     reply

; ---- Call, 0-3 words ----
        test    ebp, TAG_NOT_SHORT
        jnz     call_long
        FIND_SERVER call_nobody
        LINK_CALL
        SWITCH_AND_LEAVE

; ---- Reply and wait, 0-3 words ----
align 16
reply:  cmp     eax, -1
        jne     ipc_slow
        test    ebp, TAG_NOT_SHORT
        jnz     reply_long
        FIND_CALLER reply_busy
        LINK_REPLY
        xor     eax, eax                ; a reply has no badge
        SWITCH_AND_LEAVE

; ---- Call, 4-64 words ----
align 16
call_long:
        test    ebp, TAG_NOT_LONG
        jnz     .many
.copy:  FIND_SERVER call_nobody
        LINK_CALL
        COPY_WORDS edx, call_copy
        mov     edx, [esp + HOT_PARTNER]
        SWITCH_AND_LEAVE
.many:  cmp     bp, 64                  ; 64 words and nothing else, or something rare
        je      .copy
        jmp     ipc_slow

; ---- Reply and wait, 4-64 words ----
align 16
reply_long:
        test    ebp, TAG_NOT_LONG
        jnz     .many
.copy:  FIND_CALLER reply_busy
        LINK_REPLY
        COPY_WORDS eax, reply_copy
        xor     eax, eax
        SWITCH_AND_LEAVE
.many:  cmp     bp, 64
        je      .copy
        jmp     ipc_slow

; ---- Not so fast: EAX as it was ----
call_nobody:
        shr     eax, HANDLE_SHIFT
        jmp     ipc_slow
reply_busy:
        mov     eax, -1
        jmp     ipc_slow

section .rodata
align 4
        COPY_TABLE call_copy
        COPY_TABLE reply_copy
