; SPDX-License-Identifier: MIT
;
; The IPC fast path: one call to a waiting server, or one reply to a waiting caller, with words and
; nothing else. Whatever is unusual goes, untouched, to ipc_slow and so to kernel/ipc.c.
;
; SYSENTER brings    EAX  handle, or -1: reply and wait      (include/iris/message.h)
;                    EBP  tag        EBX ESI EDI  words 0-2
;                    ECX  the user's ESP               EDX  anything
; SYSEXIT gives      EAX  badge      EBP tag      EBX ESI EDI  words
;                    ECX  -> ESP     EDX  -> EIP: always the vDSO's return point
; The message stays in its registers all the way: EBP EBX ESI EDI are never touched. EAX, ECX and
; EDX are all there is to work with. Words from 3 on are copied from UTCB to UTCB.
;
; ESP is the hot block of the running thread (thread.h), not a stack: pushes below it hit nothing
; of value (struct frame), so NMIs may. Every access is SS-relative, because DS and ES are whatever
; the user left there. Interrupts are off. All links lead to hot blocks. A thread that is waited for
; (port.waiter, hot.caller) is always usual: unusual ones are taken off these links beforehand, so
; only the running thread is inspected.

%include "offsets.inc"
%include "vdso_offsets.inc"

extern ia32_tss, ia32_data_page
extern ipc_slow

RETURN_POINT    equ VDSO_BASE + VDSO_IPC_RETURN
%define CURRENT         ss:ia32_tss + TSS_ESP0
%define THREAD_POINTER  ss:ia32_data_page + DATA_THREAD_POINTER
%define TO              ss:edx          ; EDX: the thread to switch to

; Call: EAX = handle. Finds who waits at its port: EAX = offset of the entry, ECX = port, EDX = the
; server's thread. Unused handles lead to a port where nobody ever waits.
%macro FIND_SERVER 0
        cmp     dword [esp + HOT_STATUS], STATUS_READY | DEPTH_MAX - 1
        ja      slow                    ; a flag is set, or the chain would be too deep
        shl     eax, HANDLE_SHIFT
        mov     ecx, [ss:eax + HANDLE_PORT]
        mov     edx, [ss:ecx + PORT_WAITER]
        cmp     edx, PORT_BUSY
        jbe     call_nobody
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
        mov     [TO + HOT_CALLER], esp
%endmacro

; Reply: EDX = the caller's thread, ECX = own port, where nothing must have come up.
%macro FIND_CALLER 0
        cmp     word [esp + HOT_FLAGS], 0
        jne     slow
        mov     edx, [esp + HOT_CALLER]
        test    edx, edx
        jz      slow
        mov     ecx, [esp + HOT_PORT]
        cmp     dword [ss:ecx + PORT_WAITER], 0
        jne     slow
%endmacro

; Point of no return: the caller gets its answer, we wait. EAX and ECX are free.
%macro LINK_REPLY 0
        mov     dword [esp + HOT_CALLER], 0
        mov     [ss:ecx + PORT_WAITER], esp
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

; Switches from ESP to EDX and leaves the kernel; EAX is the badge.
%macro SWITCH_AND_LEAVE 0
        mov     [CURRENT], edx
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

section .text.fastpath progbits alloc exec nowrite align=64 ; one page holds it (boot/kernel.ld)
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
        FIND_SERVER
        LINK_CALL
        SWITCH_AND_LEAVE

; ---- Not so fast: EAX as it was ----
; Here, within reach of short jumps, and without alignment: the short paths fit four cache lines.
call_nobody:
        shr     eax, HANDLE_SHIFT
slow:   jmp     ipc_slow

; ---- Reply and wait, 0-3 words ----
reply:  cmp     eax, -1
        jne     slow
        test    ebp, TAG_NOT_SHORT
        jnz     reply_long
        FIND_CALLER
        LINK_REPLY
        xor     eax, eax                ; a reply has no badge
        SWITCH_AND_LEAVE

; ---- Call, 4-64 words ----
align 16
call_long:
        test    ebp, TAG_NOT_LONG
        jnz     .many
.copy:  FIND_SERVER
        LINK_CALL
        COPY_WORDS edx, call_copy
        mov     edx, [esp + HOT_PARTNER]
        SWITCH_AND_LEAVE
.many:  cmp     bp, 64                  ; 64 words and nothing else, or something rare
        je      .copy
        jmp     slow

; ---- Reply and wait, 4-64 words ----
align 16
reply_long:
        test    ebp, TAG_NOT_LONG
        jnz     .many
.copy:  FIND_CALLER
        LINK_REPLY
        COPY_WORDS eax, reply_copy
        xor     eax, eax
        SWITCH_AND_LEAVE
.many:  cmp     bp, 64
        je      .copy
        jmp     slow

; ---- notify, nobody waiting ----
; By the gate of all kernel calls: EAX = number, EBX = handle, ECX = bits; all but EAX is kept.
; SS:ESP is the stack of the running thread. Does what notify_portal() does (notify.c).
extern stub_call

global call_fast
call_fast:
        cmp     eax, CALL_NOTIFY
        jne     stub_call
        cmp     ebx, HANDLE_COUNT
        jae     stub_call
        push    edx
        push    ecx
        mov     edx, ebx
        shl     edx, HANDLE_SHIFT
        cmp     byte [ss:edx + HANDLE_TYPE], TYPE_PORTAL
        jne     .slow
        test    byte [ss:edx + HANDLE_RIGHTS], RIGHT_NOTIFY
        jz      .slow
        mov     edx, [ss:edx + HANDLE_OBJECT]
        cmp     byte [ss:edx + OBJECT_DYING], 0
        jne     .slow
        and     ecx, [ss:edx + PORTAL_MASK]
        jz      .slow
        mov     edx, [ss:edx + PORTAL_PORT]
        cmp     dword [ss:edx + PORT_WAITER], PORT_BUSY
        ja      .slow                   ; somebody waits
        lea     eax, [edx + PORT_WAITERS]
        cmp     [ss:edx + PORT_WAITERS], eax
        jne     .slow                   ; or in the list
        or      [ss:edx + PORT_PENDING], ecx
        mov     dword [ss:edx + PORT_WAITER], PORT_BUSY
        pop     ecx
        pop     edx
        xor     eax, eax
        iret
.slow:  pop     ecx
        pop     edx
        mov     eax, CALL_NOTIFY
        jmp     stub_call

section .rodata
align 4
        COPY_TABLE call_copy
        COPY_TABLE reply_copy
