/* SPDX-License-Identifier: MIT */
/* For those who start programs (process service, root): composing what iris/startup.h describes. */
#ifndef IRIS_STARTUP_BLOCK_H
#define IRIS_STARTUP_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/startup.h>

struct startup_request {
    bool tells_umask;
    uint32_t umask;
    bool tells_files; /* else the program has the three standard files */
    const struct iris_file_slot *files;
    uint32_t files_count;
    uint64_t blocked, ignored; /* signals */
    const char *strings;       /* argc strings, then envc strings, each with its zero byte */
    uint32_t strings_size;     /* bytes; must hold them all */
    uint32_t argc, envc;
    const char *path;                /* of the program: AT_EXECFN */
    const char *cwd;                 /* 0: the C library assumes "/" */
    uint32_t headers, headers_count; /* where the program headers are in the new space (0: not) */
    uint32_t entry;
    uint32_t vdso;
    uint32_t utcb; /* address of the main thread's UTCB */
    uint32_t pid;
    uint32_t stack_low;           /* lowest address the stack may grow down to */
    uint32_t tls_size, tls_align; /* p_memsz and p_align of PT_TLS; 0: none */
};

struct startup_result {
    uint32_t stack_pointer;  /* for START: SP and argument */
    uint32_t thread_pointer; /* for START */
    uint32_t used;           /* bytes below `top` that have to be written */
};

/*
 * Composes the top of a new stack that ends at address `top` (16-byte aligned) in its space.
 * `buffer` is an image of its last `size` bytes. Only the last result->used bytes matter; all
 * others of a fresh stack are zero. Returns 0, -E2BIG if it does not fit, -EINVAL if the strings
 * do not end where they should.
 */
int startup_build(void *buffer, uint32_t size, uint32_t top, const struct startup_request *request,
                  struct startup_result *result);

#endif
