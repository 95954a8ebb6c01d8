/* SPDX-License-Identifier: MIT */
/* Synchronous IPC: what the rest of the kernel may do to a thread's calls and waits. */
#ifndef IPC_H
#define IPC_H

#include "thread.h"

/* Ends whatever the thread waits for with an error (a positive number). A fault that fails is
   passed on: page fault to the exception portal, exception to the end of the thread. */
void ipc_fail(struct thread *thread, unsigned error);
/* Leaves whatever it waits for; what it finds in its registers is the caller's to say. */
void ipc_withdraw(struct thread *thread);
/* Its deadline has passed: ETIMEDOUT if never received, else ECANCELED. */
void ipc_timeout(struct thread *thread);
/* Leaves all queues and partners; it is being destroyed. */
void ipc_detach(struct thread *thread);
/* A waiting thread, already taken off its port, gets the port's next event. */
void ipc_receive_event(struct thread *thread);
/* A call in the thread's name that says thread->fault; 0 or a negative error: nothing was done. */
int ipc_fault(struct thread *thread, const struct entry *handler);

/* fault.c: the handler answered, or its portal died (error). False: the thread does not go on now.
 */
bool fault_answered(struct thread *thread, unsigned label);

#endif
