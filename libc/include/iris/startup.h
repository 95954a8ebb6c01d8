/* SPDX-License-Identifier: MIT */
/*
 * What a program finds when its main thread starts. Whoever starts a program (the process
 * service, root, a sandbox) builds this; the C library's start-up code reads it.
 *
 * START message (iris/message.h): IP = e_entry; SP = the address of the start block; thread pointer
 * = the address of a struct iris_thread_block; argument = the address of the start block again, or
 * 0: no block (no arguments, vDSO at IRIS_VDSO_BASE). The vDSO trampoline calls IP with the
 * argument as C would: so _start sees a return address at 0(%esp) and the argument at 4(%esp).
 *
 * Start block, System V style, 16-byte aligned, all words of 32 bits:
 *     argc
 *     argv[0] .. argv[argc - 1], 0
 *     environment strings, 0
 *     auxiliary vector: pairs {IRIS_AT_*, value}, ended by {IRIS_AT_NULL, 0}
 * The strings lie above it; the stack grows down from it.
 *
 * The first handle slots are those of enum iris_slot (iris/object.h).
 */
#ifndef IRIS_STARTUP_H
#define IRIS_STARTUP_H

#include <stdint.h>

/* Auxiliary vector: the System V numbers, then Iris' own. */
enum iris_auxv {
    IRIS_AT_NULL = 0,
    IRIS_AT_IGNORE = 1,
    IRIS_AT_PHDR = 3,  /* address of the program headers */
    IRIS_AT_PHENT = 4, /* size of one */
    IRIS_AT_PHNUM = 5,
    IRIS_AT_PAGESZ = 6,
    IRIS_AT_ENTRY = 9,
    IRIS_AT_EXECFN = 31,       /* path of the program (string) */
    IRIS_AT_SYSINFO_EHDR = 33, /* ELF header of the vDSO */
    IRIS_AT_UTCB = 0x1001,     /* UTCB of the main thread */
    IRIS_AT_CWD = 0x1002,      /* current directory (string), default "/" */
    IRIS_AT_PID = 0x1003,      /* process id */
    IRIS_AT_STACK = 0x1004,    /* lowest address the stack may grow down to */
    IRIS_AT_TLS = 0x1005,      /* bytes reserved below the thread pointer for PT_TLS */
    IRIS_AT_FILES = 0x1006,    /* struct iris_files: its descriptors; else 0, 1, 2 in their slots */
    IRIS_AT_BLOCKED = 0x1007,  /* signals 1 to 32: bit n - 1 is signal n */
    IRIS_AT_BLOCKED_HIGH = 0x1008, /* 33 on */
    IRIS_AT_IGNORED = 0x1009,
    IRIS_AT_IGNORED_HIGH = 0x100a,
    IRIS_AT_UMASK = 0x100b, /* permissions that new files do not get; default 022 */
};

/* Which handles are files, and their descriptors. Others than the standard three are in the slots
   from IRIS_SLOT_FREE on. */
struct iris_file_slot {
    uint32_t descriptor, slot;
};
struct iris_files {
    uint32_t count;
    struct iris_file_slot file[];
};

struct iris_auxv_entry {
    uint32_t type; /* enum iris_auxv */
    uint32_t value;
};

/*
 * Thread block: the thread pointer (%gs:0) is its address. Below it lies the thread-local storage
 * of the program (TLS variant II): IRIS_TLS_ROOM(memsz, align) bytes, where memsz and align come
 * from the PT_TLS header, and the block is aligned to `align` and to IRIS_THREAD_BLOCK_ALIGN.
 * The creator of the thread fills in `utcb`; all other bytes of block and room are zero. That holds
 * for root too, which the kernel starts (argument 0).
 */
struct iris_thread_block {
    struct iris_utcb *utcb;
    void *reent;          /* C library: this thread's errno and friends */
    uint32_t reserved[6]; /* C library */
};
_Static_assert(sizeof(struct iris_thread_block) == 32, "the thread block is ABI");

#define IRIS_THREAD_BLOCK_ALIGN 16u
#define IRIS_TLS_ROOM(memsz, align)                                                                \
    (((memsz) + ((align) ? (align) : 1u) - 1u) & -((align) ? (align) : 1u))

/* Exit status of a program that could not be bound to the vDSO. */
#define IRIS_STATUS_UNBOUND 127

#endif
