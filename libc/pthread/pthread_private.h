/* SPDX-License-Identifier: MIT */
/* What the files of this folder share. */
#ifndef LIBC_PTHREAD_PRIVATE_H
#define LIBC_PTHREAD_PRIVATE_H

#include <pthread.h>
#include <stdint.h>

#include "clocks.h"
#include "threads.h"

#define ATTRIBUTES_MAGIC 0x41747472u

/* ---- cancel.c ---- */
void thread_run_cleanup(struct thread *self); /* all cleanup handlers, the last one first */

/* ---- key.c ---- */
void thread_end_values(struct thread *self); /* calls the destructors */

/* ---- mutex.c ---- */
void mutex_owner_ends(struct thread *self); /* robust mutexes that it has learn of it */
int mutex_lock_until(pthread_mutex_t *mutex, uint64_t deadline); /* an error number or 0 */
/* Give it up, with all depth, and take it again, for conditions. EPERM: it is not one's own. */
int mutex_release(pthread_mutex_t *mutex, unsigned *depth);
int mutex_retake(pthread_mutex_t *mutex, unsigned depth);

/* ---- priority.c ---- */
/* Between these the thread runs at the highest priority; then at what is due to it. */
void priority_begin(struct thread *self);
void priority_end(struct thread *self);
/* What is due to a thread is reckoned anew. */
void priority_reconsider(struct thread *thread);
/* The calling thread is about to wait for a mutex with inheritance. */
void priority_lend(struct thread *self, pthread_mutex_t *mutex);

void mutex_list_add(pthread_mutex_t **list, pthread_mutex_t *mutex);
void mutex_list_remove(pthread_mutex_t **list, pthread_mutex_t *mutex);

/* ---- sched.c ---- */
int thread_usual_priority(void);             /* the calling thread's */
int thread_set_terms(struct thread *thread); /* as policy and priority say */

#endif
