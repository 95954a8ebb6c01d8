; SPDX-License-Identifier: MIT
;
; int copy_tolerant(void *to, const void *from, size_t bytes): the one routine that touches user
; memory. A page fault between copy_begin and copy_end continues at copy_fixup.

%include "offsets.inc"

section .text
global copy_tolerant, copy_begin, copy_end, copy_fixup
copy_tolerant:
        push    esi
        push    edi
        mov     edi, [esp + 12]
        mov     esi, [esp + 16]
        mov     edx, [esp + 20]
        mov     ecx, edx
        shr     ecx, 2
        and     edx, 3
copy_begin:
        rep movsd
        mov     ecx, edx
        rep movsb
copy_end:
        xor     eax, eax
copy_leave:
        pop     edi
        pop     esi
        ret
copy_fixup:
        mov     eax, -ERROR_FAULT
        jmp     copy_leave
