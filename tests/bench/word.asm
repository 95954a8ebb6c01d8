; SPDX-License-Identifier: MIT
;
; The smallest thing GRUB can boot (multiboot2 3.1): writes a word to COM1 and halts. What it takes
; is GRUB's share of a boot.

COM1    equ 0x3f8

section .text
bits 32
align 8
header: dd      0xe85250d6, 0, header_end - header
        dd      -(0xe85250d6 + header_end - header)
        dw      0, 0                    ; end tag
        dd      8
header_end:

global start
start:  mov     esi, word_
        mov     dx, COM1
.next:  lodsb
        test    al, al
        jz      .halt
        out     dx, al
        jmp     .next
.halt:  cli
        hlt
        jmp     .halt

word_:  db      "word", 10, 0
