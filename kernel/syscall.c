/* SPDX-License-Identifier: MIT */
/* The kernel-call gate: number to function. */
#include "syscall.h"

#include "arch.h"
#include "sched.h"
#include "trace.h"

#define DISPATCH_0(number, name, count)                                                            \
    case number:                                                                                   \
        return sys_##name(SYSCALL_ARGS_##count(frame));
#define DISPATCH_1(number, name, count)                                                            \
    case number:                                                                                   \
        return -ENOSYS;
#define DISPATCH(number, name, count, noreturn, pending) DISPATCH_##pending(number, name, count)

static int syscall_call(uint32_t number, struct frame *frame)
{
    switch (number) {
        SYSCALLS(DISPATCH)
    default:
        return -ENOSYS;
    }
}

void syscall_enter(struct frame *frame)
{
    uint32_t number = frame_call_number(frame);
    uint32_t first = *frame_argument(frame, 0), second = *frame_argument(frame, 1);

    arch_stay_begins();
    int result = syscall_call(number, frame);
    if (result == SYS_GONE || result == SYS_ASLEEP)
        return;
    trace(IRIS_TRACE_EVENT_SYSCALL, number, first, second, (uint32_t)result);
    if (result == SYS_RESTART)
        arch_frame_restart(frame);
    else
        frame_set_result(frame, result);
}

int sys_kernel_interface(void)
{
    return (int)IRIS_DATA_PAGE; /* far below the error numbers, though negative as an int */
}
