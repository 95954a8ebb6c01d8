; SPDX-License-Identifier: MIT
;
; The IPC fast path. One call to a waiting server, or one reply to a waiting caller, of up to three
; words; whatever is unusual goes, untouched, to ipc_slow and so to kernel/ipc.c.
;
; SYSENTER brings    EAX  handle, or -1: reply and wait      (kernel/include/iris/ipc.h)
;                    EBP  tag        EBX ESI EDI  words 0-2
;                    ECX  the user's ESP               EDX  anything
; SYSEXIT gives      EAX  badge      EBP tag      EBX ESI EDI  words
;                    ECX  -> ESP     EDX  -> EIP: always the vDSO's return point
; The message stays in its registers all the way: EBP EBX ESI EDI are never touched. EAX, ECX and EDX
; are all there is to work with.
;
; ESP is the hot block of the running thread (thread.h), not a stack, although pushes below it hit
; nothing of value (struct frame) and NMIs may. Every access is SS-relative, because DS and ES are
; whatever the user left there. Interrupts are off. A thread that is waited for (port.waiter,
; hot.caller) is always usual: unusual ones are taken off these links beforehand, so only the
; running thread is inspected.

%include "offsets.inc"
%include "vdso_offsets.inc"

extern ia32_tss, ia32_data_page
extern ipc_slow

RETURN_POINT    equ VDSO_BASE + VDSO_IPC_RETURN
%define CURRENT         ss:ia32_tss + TSS_ESP0
%define THREAD_POINTER  ss:ia32_data_page + DATA_THREAD_POINTER
%define TO              ss:edx + THREAD_HOT     ; EDX: page of the thread to switch to

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
        jae     .reply

; ---- Call ----
        test    ebp, TAG_UNUSUAL        ; handles, buffers, flags, more than 3 words
        jnz     ipc_slow
        cmp     dword [esp + HOT_STATUS], STATUS_READY | DEPTH_MAX - 1
        ja      ipc_slow                ; a flag is set, or the chain would be too deep
        shl     eax, HANDLE_SHIFT       ; EAX = offset of the handle's entry
        mov     ecx, [ss:eax + HANDLE_PORT]     ; ECX = port; never null
        mov     edx, [ss:ecx + PORT_WAITER]     ; EDX = page of the server's thread
        test    edx, edx
        jz      .nobody_waits
        ; --- point of no return ---
        mov     dword [ss:ecx + PORT_WAITER], 0
        mov     eax, [ss:eax + HANDLE_BADGE]    ; EAX = badge
        mov     ecx, [esp + HOT_STATUS]
        inc     ecx                     ; one deeper; READY, no flags
        mov     [TO + HOT_STATUS], ecx
        mov     byte [esp + HOT_STATE], STATE_CALLING
        mov     [esp + HOT_PARTNER], edx
        lea     ecx, [esp - THREAD_HOT] ; ECX = own page
        mov     [TO + HOT_CALLER], ecx
        SWITCH_AND_LEAVE

.nobody_waits:
        shr     eax, HANDLE_SHIFT
        jmp     ipc_slow

; ---- Reply and wait ----
align 16
.reply: cmp     eax, -1
        jne     ipc_slow
        test    ebp, TAG_UNUSUAL
        jnz     ipc_slow
        cmp     word [esp + HOT_FLAGS], 0
        jne     ipc_slow
        mov     edx, [esp + HOT_CALLER] ; EDX = page of the caller's thread
        test    edx, edx
        jz      ipc_slow
        mov     ecx, [esp + HOT_PORT]   ; ECX = own port
        cmp     dword [ss:ecx + PORT_WAITER], 0
        jne     ipc_slow
        cmp     dword [ss:ecx + PORT_BUSY], 0
        jne     ipc_slow                ; somebody or something waits for us
        ; --- point of no return ---
        lea     eax, [esp - THREAD_HOT]
        mov     [ss:ecx + PORT_WAITER], eax
        xor     eax, eax                ; a reply has no badge
        mov     [esp + HOT_CALLER], eax
        mov     dword [esp + HOT_STATUS], STATUS_WAITING
        mov     byte [TO + HOT_STATE], STATE_READY
        SWITCH_AND_LEAVE
