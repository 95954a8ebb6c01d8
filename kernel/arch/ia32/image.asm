; SPDX-License-Identifier: MIT
;
; The vDSO, as the linker made it, on pages of its own: these are the pages that users see.

section .vdso progbits alloc noexec write align=4096
global vdso_image, vdso_image_end
vdso_image:
        incbin  "iris-vdso.so.1"
        align   4096, db 0
vdso_image_end:
