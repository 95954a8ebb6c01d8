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

/* A call's result (negative error number or >= 0) as POSIX functions give it. */
int libc_result(int result);

/* Guards the port's own tables. Never held while calling a server. */
void libc_lock(void);
void libc_unlock(void);

#endif
