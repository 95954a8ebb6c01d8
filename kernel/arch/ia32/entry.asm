; SPDX-License-Identifier: MIT
;
; Every way into the kernel but the IPC fast path, and the one way out.
;
; From user mode the processor has pushed SS ESP EFLAGS CS EIP to the top of the running thread's
; stack (tss.esp0); the stubs complete struct frame below it. C runs on the same stack. Afterwards
; whatever lies on it is forgotten: kernel_leave loads the frame of the thread that is current then.

%include "offsets.inc"
%include "vdso_offsets.inc"

extern ia32_tss
extern entry_call, entry_ipc, entry_irq, entry_exception, entry_kernel_exception
extern entry_double_fault
extern sysenter_fast, call_fast

section .text

; ---- Stubs: error code (0 where the processor pushes none) and vector ----

; SDM 3A 6.3.1. Vectors 1, 2 and 8 are below.
%define HAS_ERROR (1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21 | 1 << 30)
%define HAS_NO_STUB (1 << 1 | 1 << 2 | 1 << 8)

%assign vector 0
%rep 32
  %if !(HAS_NO_STUB >> vector & 1)
stub_%[vector]:
    %if !(HAS_ERROR >> vector & 1)
        push    dword 0
    %endif
        push    dword vector
        jmp     exception
  %endif
  %assign vector vector + 1
%endrep

%assign line 0
%rep 16
stub_irq_%[line]:
        push    dword 0
        push    dword VECTOR_IRQ + line
        jmp     interrupt
  %assign line line + 1
%endrep

; Puts the user's data segments right where they are not: C needs DS and ES, and a selector that
; is wrong (null, limited) is replaced without further notice. EAX: 0 if all were right. Changes
; EDX.
%macro CHECK_SELECTORS 0
        mov     eax, ds
        mov     edx, es
        xor     eax, USER_DS
        xor     edx, USER_DS
        or      eax, edx
        mov     edx, fs
        xor     edx, USER_DS
        or      eax, edx
        mov     edx, gs
        xor     edx, USER_GS
        or      eax, edx
        movzx   eax, ax                 ; the upper halves are undefined before the P6
        jz      %%right
        mov     edx, USER_DS
        mov     ds, edx
        mov     es, edx
        mov     fs, edx
        mov     edx, USER_GS
        mov     gs, edx
%%right:
%endmacro

; ---- Exceptions ----

exception:
        pushad
        cld
        CHECK_SELECTORS
        mov     ecx, esp
        test    byte [esp + FRAME_CS], 3
        jz      .in_kernel
        push    eax                     ; selectors were reset
        push    ecx                     ; frame
        call    entry_exception
        jmp     kernel_leave
.in_kernel:
        push    ecx
        call    entry_kernel_exception  ; returns if the interrupted code can go on
        add     esp, 4
        popad
        add     esp, 8
        iret

; #DB. In the kernel only single-stepping over SYSENTER makes it, which the processor reports at the
; first instruction of the entry, on the words below tss.esp0. The thread is marked, and
; entry_ipc() puts TF into its frame.
stub_1:
        test    byte [esp + 4], 3
        jnz     .user
        and     dword [esp + 8], ~EFLAGS_TF
        push    eax
        mov     eax, [ss:ia32_tss + TSS_ESP0]
        or      word [ss:eax + HOT_FLAGS], FLAG_STEPPED
        pop     eax
        iret
.user:  push    dword 0
        push    dword 1
        jmp     exception

; NMI: can strike anywhere, with any DS, at the entry with 128 bytes of stack.
;
; Even between the fast path's STI and SYSEXIT, where only NMIs get in. Its IRET would open that gap
; to interrupts, which must not come from there; so it goes back to the STI, with interrupts off.
stub_2: inc     dword [ss:nmi_count]
        test    byte [esp + 4], 3
        jnz     .done                   ; user mode
        cmp     dword [esp], sysenter_fast
        jb      .done
        cmp     dword [esp], call_fast
        jae     .done
        test    dword [esp + 8], EFLAGS_IF
        jz      .done
        and     dword [esp + 8], ~EFLAGS_IF
        dec     dword [esp]             ; STI has one byte
.done:  iret

; Double fault: a task of its own, with its own stack.
global double_fault_entry
double_fault_entry:
        clts
        cld
        xor     ebp, ebp
        call    entry_double_fault
.never: hlt
        jmp     .never

; ---- Device interrupts; the only ones that also come from the kernel, in the idle loop ----

interrupt:
        pushad
        cld
        CHECK_SELECTORS
        push    esp                     ; frame
        call    entry_irq
        jmp     kernel_leave

; ---- Kernel calls ----

global stub_call
stub_call:
        push    dword 0
        push    dword GATE_CALL
        pushad
        cld
        CHECK_SELECTORS
        push    esp                     ; frame
        call    entry_call
        jmp     kernel_leave

; ---- IPC through the gate: from here on the same as SYSENTER, return point included ----

stub_ipc:
        push    dword 0
        push    dword GATE_IPC
        mov     ecx, [ss:ia32_tss + TSS_ESP0]
        mov     edx, [esp + 20]         ; user ESP: above error, vector, EIP CS EFLAGS
        mov     [ss:ecx + HOT_USER_SP], edx
        mov     dword [esp + 8], VDSO_BASE + VDSO_IPC_RETURN
        and     dword [esp + 16], EFLAGS_TF
        jz      .usual
        or      word [ss:ecx + HOT_FLAGS], FLAG_STEPPED
.usual: mov     dword [esp + 16], USER_EFLAGS ; entry_ipc() puts TF back
        jmp     ipc

; SYSENTER without the fast path. ESP = address of tss.esp0 (fastpath.asm tells what it may be)
global sysenter_slow
sysenter_slow:
        mov     esp, [esp]
        push    dword 2
        popfd
        mov     [esp + HOT_USER_SP], ecx

; The slow rest of SYSENTER: ESP = hot block of the running thread; EAX EBP EBX ESI EDI are as the
; user set them.
global ipc_slow
ipc_slow:
        push    dword USER_DS
        push    dword [esp + 4 + HOT_USER_SP]
        push    dword USER_EFLAGS
        push    dword USER_CS
        push    dword VDSO_BASE + VDSO_IPC_RETURN
        push    dword 0
        push    dword GATE_IPC
ipc:
        xor     ecx, ecx                ; clobbered by definition: nothing of the kernel shows
        xor     edx, edx
        pushad
        cld
        mov     eax, ds                 ; only what C needs; FS and GS wait for their user's fault
        mov     edx, es
        xor     eax, USER_DS
        xor     edx, USER_DS
        or      eax, edx
        jnz     .selectors
.c:     push    esp
        call    entry_ipc
        jmp     kernel_leave
.selectors:
        CHECK_SELECTORS
        jmp     .c

; ---- Out: to the frame of the current thread ----

global kernel_leave, arch_leave
arch_leave:
kernel_leave:
        mov     eax, [ia32_tss + TSS_ESP0]
        and     word [eax + HOT_FLAGS], ~FLAG_STEPPED & 0xffff
        lea     esp, [eax - FRAME_SIZE]
        popad
        add     esp, 8                  ; vector, error
        iret

; ---- Idle: void idle_wait(struct frame *stack). Interrupts never return here ----

global idle_wait
idle_wait:
        mov     esp, [esp + 4]
        xor     ebp, ebp
        sti
.again: hlt
        jmp     .again

; ---- The table for the IDT ----

section .rodata
align 4
global entry_stubs
entry_stubs:
%assign vector 0
%rep 32
  %if vector == 8
        dd      0                       ; a task gate
  %else
        dd      stub_ %+ vector
  %endif
  %assign vector vector + 1
%endrep
%assign line 0
%rep 16
        dd      stub_irq_ %+ line
  %assign line line + 1
%endrep
        times GATE_CALL - 48 dd 0
        dd      stub_call
        dd      stub_ipc

section .bss
alignb 4
global nmi_count
nmi_count: resd 1
