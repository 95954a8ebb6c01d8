/* SPDX-License-Identifier: MIT */
/* What the files of the port share with each other; not for programs. */
#ifndef LIBC_LIBC_H
#define LIBC_LIBC_H

#include <stdint.h>

#include <iris/startup.h>

/* What the start block said; set before main. */
struct start_info {
    int argc;
    char **argv, **environment;
    const char *program; /* for messages */
    const char *cwd;     /* "" if nothing was said */
    uint32_t pid;        /* 0 if nothing was said */
    const void *vdso;    /* its ELF header */
    const void *headers; /* own program headers */
    uint32_t headers_count;
    uint32_t tls_room; /* bytes below the thread pointer */
};
extern struct start_info start_info;

/* Prints one line without stdio, fd table or memory. A server that has a better place for it (root:
   the kernel's log) defines its own. */
void start_print(const char *message);

static inline struct iris_thread_block *thread_block(void)
{
    struct iris_thread_block *block;
    __asm__("movl %%gs:0, %0" : "=r"(block));
    return block;
}

struct thread; /* threads.h */

/* What the library keeps in a thread block, beside reent. */
enum thread_word {
    THREAD_WORD_RECORD, /* address of the thread's record */
    THREAD_WORD_CANCEL, /* what pthread_setcancelstate and its like have set: all of stdio asks */
};

static inline struct thread *thread_record(const struct iris_thread_block *block)
{
    return (struct thread *)block->reserved[THREAD_WORD_RECORD];
}

#define THREAD_CANCEL_OFF 1u   /* PTHREAD_CANCEL_DISABLE */
#define THREAD_CANCEL_ASYNC 2u /* PTHREAD_CANCEL_ASYNCHRONOUS */

/* A call's result (negative error number or >= 0) as POSIX functions give it. */
int libc_result(int result);

/* Guards the port's own tables. Never held while calling a server. */
void libc_lock(void);
void libc_unlock(void);

#endif
