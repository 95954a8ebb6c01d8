/* SPDX-License-Identifier: MIT */
/* Kernel calls: one function sys_NAME per entry of kernel/abi/calls.toml. */
#ifndef SYSCALL_H
#define SYSCALL_H

#include "kernel.h"

#include <kernel/syscall_table.h> /* generated: prototypes */

/* Results that are not the caller's. */
#define SYS_RESTART (-0x10000) /* let interrupts in, then execute the call again */
#define SYS_GONE (-0x10001)    /* the caller no longer exists */
#define SYS_ASLEEP (-0x10002)  /* who wakes the caller sets its result */

#endif
