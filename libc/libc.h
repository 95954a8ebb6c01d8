/* SPDX-License-Identifier: MIT */
/* What the files of the port share with each other; not for programs. */
#ifndef LIBC_LIBC_H
#define LIBC_LIBC_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

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
    uint32_t tls_room;              /* bytes below the thread pointer */
    const struct iris_files *files; /* 0: the three standard ones */
    uint64_t blocked, ignored;      /* signals */
    uint32_t umask;                 /* as it is now */
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
    THREAD_WORD_RECORD,  /* address of the thread's record */
    THREAD_WORD_CANCEL,  /* what pthread_setcancelstate and its like have set: all of stdio asks */
    THREAD_WORD_SIGNALS, /* not 0: a signal waits for it (signal/entry.S) */
};

static inline struct thread *thread_record(const struct iris_thread_block *block)
{
    return (struct thread *)block->reserved[THREAD_WORD_RECORD];
}

#define THREAD_CANCEL_OFF 1u   /* PTHREAD_CANCEL_DISABLE */
#define THREAD_CANCEL_ASYNC 2u /* PTHREAD_CANCEL_ASYNCHRONOUS */

/* Ends the thread if its cancellation is due now. Programs without pthread_cancel have no such
   function. */
void thread_cancel_now(void) __attribute__((weak, visibility("hidden")));

/* A call's result (negative error number or >= 0) as POSIX functions give it. */
int libc_result(int result);
/* The same for the process service's ENOENT, which is POSIX's ESRCH. */
int libc_process_result(int result);

#define LIBC_SHELL "/bin/shell" /* also what scripts that say /bin/sh mean */

/* `sh -c command`, for system and popen; 0 or an error number. */
int libc_start_shell(pid_t *pid, const char *command, const posix_spawn_file_actions_t *actions,
                     const posix_spawnattr_t *attributes);

/* What a child begins with: the calling thread's mask, and what the process ignores. */
void libc_signals_inherited(uint64_t *blocked, uint64_t *ignored);

/* Guards the port's own tables. Never held while calling a server. */
void libc_lock(void);
void libc_unlock(void);

#endif
