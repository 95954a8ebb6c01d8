/* SPDX-License-Identifier: MIT */
/* Only the type: there are no makecontext and swapcontext. */
#ifndef LIBC_UCONTEXT_H
#define LIBC_UCONTEXT_H

#include <sys/ucontext.h>

#endif
