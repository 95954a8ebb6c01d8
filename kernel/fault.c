/* SPDX-License-Identifier: MIT */
/*
 * Faults: a call made by the kernel in the thread's name, to portals that belong to the thread's
 * space. A page fault that its pager does not resolve becomes an exception; an exception that
 * nobody resolves ends the thread, alone.
 */
#include "arch.h"
#include "ipc.h"
#include "sched.h"
#include "space.h"
#include "trace.h"

#define VECTOR_PAGE_FAULT 14

static void fault_as_exception(struct thread *thread)
{
    thread->fault.label = IRIS_FAULT_EXCEPTION;
    if (ipc_fault(thread, &thread->space->exception) < 0) {
        thread->fault.label = 0;
        thread_doom(thread);
    }
}

void fault_exception(struct thread *thread, unsigned vector, uint32_t error)
{
    cpu.stats.exceptions++;
    trace(IRIS_TRACE_EVENT_EXCEPTION, vector, frame_ip(&thread->frame), error, 0);
    thread->fault = (struct thread_fault){.vector = (uint16_t)vector, .error = error};
    fault_as_exception(thread);
}

void fault_page(struct thread *thread, uint32_t address, uint32_t error)
{
    cpu.stats.page_faults++;
    trace(IRIS_TRACE_EVENT_FAULT, address, frame_ip(&thread->frame), error, 0);
    thread->fault = (struct thread_fault){IRIS_FAULT_PAGE, VECTOR_PAGE_FAULT, address, error};
    if (ipc_fault(thread, &thread->space->pager) < 0)
        fault_as_exception(thread);
}

bool fault_answered(struct thread *thread, unsigned label)
{
    if (label != 0 && thread->fault.label == IRIS_FAULT_PAGE) {
        fault_as_exception(thread);
        return false;
    }
    thread->fault.label = 0; /* its frame is as the fault left it: it tries again */
    if (label != 0)
        thread_doom(thread);
    return label == 0;
}
