/* SPDX-License-Identifier: MIT */
/* newlib makes _setjmp of sigsetjmp, whose buffer is larger than a jmp_buf. Here setjmp saves no
   signal mask anyway. */
#include_next <setjmp.h>

#ifndef IRIS_SETJMP_H
#define IRIS_SETJMP_H

#undef _setjmp
#undef _longjmp
#define _setjmp(buffer) setjmp(buffer)
#define _longjmp(buffer, value) longjmp(buffer, value)

#endif
