; SPDX-License-Identifier: MIT
;
; From GRUB to C: is this a processor that the kernel can run on? Then paging, and up into the
; kernel's half. GRUB leaves (multiboot2 3.3): EAX magic, EBX information, flat segments, no paging,
; interrupts off, no stack. The kernel is linked at DIRECT_MAP + its physical address, so until
; paging is on, addresses are written `x - DIRECT_MAP`.

%include "offsets.inc"

extern boot_start

COM1            equ 0x3f8
EFLAGS_ID       equ 0x00200000
NEED_PSE        equ 1 << 3              ; CPUID 1, EDX
NEED_TSC        equ 1 << 4
NEED_MSR        equ 1 << 5
NEED_CMOV       equ 1 << 15

section .text
global start
start:
        cld
        mov     esp, boot_stack_end - DIRECT_MAP
        mov     esi, eax                ; ESI = magic, EDI = information: kept until C
        mov     edi, ebx
        call    serial_init

; ---- The processor ----
        pushfd                          ; CPUID exists if EFLAGS.ID can be changed
        pop     eax
        mov     ecx, eax
        xor     eax, EFLAGS_ID
        push    eax
        popfd
        pushfd
        pop     eax
        xor     eax, ecx
        test    eax, EFLAGS_ID
        mov     edx, no_cpuid - DIRECT_MAP
        jz      fail
        xor     eax, eax
        cpuid
        test    eax, eax
        mov     edx, no_cpuid - DIRECT_MAP
        jz      fail
        mov     eax, 1
        cpuid
        mov     ecx, edx                ; ECX = features
%macro NEED 2
        test    ecx, %1
        mov     edx, %2 - DIRECT_MAP
        jz      fail
%endmacro
        NEED    NEED_CMOV, no_cmov
        NEED    NEED_TSC, no_tsc
        NEED    NEED_MSR, no_msr
        NEED    NEED_PSE, no_pse
        rdtsc                           ; the kernel's clock begins here
        mov     [start_cycles - DIRECT_MAP], eax
        mov     [start_cycles - DIRECT_MAP + 4], edx

; ---- Paging: the direct map, and for a moment the same memory at 0 ----
        mov     edx, boot_directory - DIRECT_MAP
        mov     eax, PDE_BOOT
        mov     [edx], eax
        lea     ebx, [edx + DIRECT_MAP_ENTRY]
        mov     ecx, DIRECT_MAP_TABLES
.fill:  mov     [ebx], eax
        add     eax, 1 << 22
        add     ebx, 4
        dec     ecx
        jnz     .fill
        mov     eax, cr4
        or      eax, CR4_PSE
        mov     cr4, eax
        mov     cr3, edx
        mov     eax, cr0
        and     eax, ~CR0_CLEAR
        or      eax, CR0_BOOT
        mov     cr0, eax
        mov     eax, .high
        jmp     eax
.high:  mov     esp, boot_stack_end
        mov     dword [boot_directory], 0
        mov     eax, cr3
        mov     cr3, eax
        xor     ebp, ebp                ; backtraces end here
        push    edi
        push    esi
        push    ebp                     ; no return address
        jmp     boot_start

; ---- A processor that C code might not run on: told from here ----

; EDX = what is missing
fail:
        mov     ebx, edx
        mov     esi, message - DIRECT_MAP
        call    serial_print
        mov     esi, ebx
        call    serial_print
        mov     esi, message_end - DIRECT_MAP
        call    serial_print
.never: cli
        hlt
        jmp     .never

; 115200 8N1 (16550 data sheet, 8.3): {register, value} pairs. Changes EAX, EBX, EDX.
serial_init:
        mov     ebx, serial_setup - DIRECT_MAP
.next:  movzx   edx, byte [ebx]
        cmp     dl, 0xff
        je      .done
        add     edx, COM1
        mov     al, [ebx + 1]
        out     dx, al
        add     ebx, 2
        jmp     .next
.done:  ret

; ESI = zero-terminated text. Changes EAX, ECX, EDX, ESI.
serial_print:
        mov     al, [esi]
        test    al, al
        jz      .done
        mov     ah, al
        mov     ecx, 1 << 16            ; no line, no waiting for it
        mov     edx, COM1 + 5
.wait:  in      al, dx
        test    al, 0x20
        jnz     .empty
        dec     ecx
        jnz     .wait
.empty: mov     edx, COM1
        mov     al, ah
        out     dx, al
        inc     esi
        jmp     serial_print
.done:  ret

section .rodata
serial_setup:   db 3, 0x80, 0, 1, 1, 0, 3, 0x03, 2, 0x07, 1, 0, 4, 0x03, 0xff
message:        db 13, 10, "Iris cannot boot: this processor lacks ", 0
message_end:    db 13, 10, "It needs an i686 with CMOV, TSC, MSR and PSE.", 13, 10, 0
no_cpuid:       db "CPUID.", 0
no_cmov:        db "CMOV.", 0
no_tsc:         db "TSC.", 0
no_msr:         db "MSR.", 0
no_pse:         db "PSE.", 0

section .bss
alignb 4096
global boot_directory, boot_stack, boot_stack_end, start_cycles
boot_directory: resb 4096
boot_stack:     resb 4096               ; later the double fault's
boot_stack_end:
start_cycles:   resq 1
