; SPDX-License-Identifier: MIT
; A boot sector (El Torito, no emulation) that speaks Iris' console conventions on COM1, for the
; tests of the harness: boot lines, prompt, echo, and the commands of `commands` below.
; 16-bit real mode at 0000:7C00; DS = ES = SS = 0; SI, DI, AX, CX, DX are scratch everywhere.

bits 16
org 0x7c00

COM1 equ 0x3f8
LINE equ 0x0600                 ; the line typed

start:
    jmp 0:entry
entry:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7c00
    cld
    mov si, uart_setup
.setup:
    lodsw                       ; AL register offset, AH value
    cmp al, 0xff
    je .booted
    mov dx, COM1
    add dl, al
    mov al, ah
    out dx, al
    jmp .setup
.booted:
    mov si, banner
    call print

prompt:
    mov si, prompt_text
    call print
    mov di, LINE
.key:
    call getc
    cmp al, 13
    je .enter
    cmp al, 3
    je .cancel
    stosb
    call putc
    jmp .key
.cancel:
    mov si, cancel_text
    call print
    jmp prompt
.enter:
    mov byte [di], 0
    call newline
    mov bx, commands
.next:
    mov si, [bx]                ; name
    test si, si
    jz .unknown
    mov di, LINE
.compare:
    lodsb
    test al, al
    jz .found                   ; the name is a prefix of the line: DI points behind it
    scasb
    je .compare
    add bx, 4
    jmp .next
.found:
    call [bx + 2]
    jmp prompt
.unknown:
    cmp byte [LINE], 0
    je prompt
    mov si, unknown_text
    call print
    mov byte [status], '7'
    jmp prompt

do_echo:                        ; DI: the words; "$?" becomes the status
    mov si, di
.char:
    lodsb
    test al, al
    jz .end
    cmp al, '$'
    jne .put
    inc si
    mov al, [status]
.put:
    call putc
    jmp .char
.end:
    mov byte [status], '0'
newline:
    mov si, newline_text
print:
    lodsb
    test al, al
    jz .done
    call putc
    jmp print
.done:
    ret

do_audit:
    mov si, audit_text
    jmp print

do_peek:                        ; a word gdb and QMP tests look at
    inc word [marker]
    ret

do_shutdown:
    mov dx, COM1 + 5
.drain:
    in al, dx
    test al, 0x40               ; transmitter quite empty: Bochs would lose what it still holds
    jz .drain
    mov si, bochs_text
    mov dx, 0x8900
.bochs:
    lodsb
    out dx, al
    test al, al
    jnz .bochs
    mov dx, 0xf4
    mov eax, 0x10
    out dx, eax
    hlt

do_cpuid:                       ; "sep=0" or "sep=1", from CPUID leaf 1
    mov eax, 1
    cpuid
    mov si, sep_text
    bt edx, 11
    mov byte [sep_digit], '0'
    adc byte [sep_digit], 0
    jmp print

putc:
    push ax
    push dx
    push ax
    mov dx, COM1 + 5
.wait:
    in al, dx
    test al, 0x20
    jz .wait
    pop ax
    mov dx, COM1
    out dx, al
    pop dx
    pop ax
    ret

getc:
    mov dx, COM1 + 5
.wait:
    in al, dx
    test al, 1
    jz .wait
    mov dx, COM1
    in al, dx
    ret

; 115200 8N1, FIFO on: (register, value) pairs
uart_setup: db 3, 0x80, 0, 1, 1, 0, 3, 3, 2, 7, 4, 3, 0xff, 0
commands:
    dw name_echo, do_echo, name_audit, do_audit, name_peek, do_peek
    dw name_shutdown, do_shutdown, name_cpuid, do_cpuid, 0
name_echo: db "echo ", 0
name_audit: db "audit", 0
name_peek: db "peek", 0
name_shutdown: db "shutdown", 0
name_cpuid: db "cpuid", 0
banner: db "[    0.000001] boot: tiny ... ok", 13, 10, 0
prompt_text: db "iris$ ", 0
cancel_text: db "^C", 13, 10, 0
unknown_text: db "unknown command"
newline_text: db 13, 10, 0
audit_text: db "audit ok: spaces=1 handles=2", 13, 10, 0
bochs_text: db "Shutdown", 0
sep_text: db "sep="
sep_digit: db "0", 13, 10, 0
status: db "0"
    align 2
marker: dw 0x1234
marker_end:
    times 510 - ($ - $$) db 0
    dw 0xaa55
