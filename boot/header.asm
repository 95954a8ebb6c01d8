; SPDX-License-Identifier: MIT
;
; The multiboot2 header (specification 3.1): what GRUB looks for in the first 32 KiB of the file.

%include "offsets.inc"

extern start

MAGIC           equ 0xe85250d6
ARCHITECTURE    equ 0                   ; 32-bit protected mode of i386

TAG_INFORMATION equ 1
TAG_ENTRY       equ 3
TAG_ALIGN       equ 6
WANT_CMDLINE    equ 1
WANT_MODULE     equ 3
WANT_MEMORY_MAP equ 6

section .multiboot progbits alloc noexec nowrite align=8
header: dd      MAGIC, ARCHITECTURE, header_end - header
        dd      -(MAGIC + ARCHITECTURE + (header_end - header))

        dw      TAG_INFORMATION, 0
        dd      20, WANT_CMDLINE, WANT_MODULE, WANT_MEMORY_MAP
        align   8, db 0

        dw      TAG_ENTRY, 0            ; physical: there is no paging yet
        dd      12, start - DIRECT_MAP
        align   8, db 0

        dw      TAG_ALIGN, 0            ; modules begin on page boundaries
        dd      8

        dd      0, 8                    ; the end
header_end:
