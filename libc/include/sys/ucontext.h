/* SPDX-License-Identifier: MIT */
/* What a signal handler with SA_SIGINFO gets as its third argument. */
#ifndef LIBC_SYS_UCONTEXT_H
#define LIBC_SYS_UCONTEXT_H

#include <iris/state.h>
#include <sys/signal.h>

typedef struct {
    struct iris_registers registers;
    unsigned char fpu[512];
} mcontext_t;

typedef struct __ucontext {
    struct __ucontext *uc_link;
    sigset_t uc_sigmask;
    stack_t uc_stack;
    mcontext_t uc_mcontext;
} ucontext_t;

#endif
