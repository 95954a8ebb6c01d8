/* SPDX-License-Identifier: MIT */
/*
 * The fuzzer. Cages are spaces in which threads make random kernel calls, whatever comes of it. A
 * cage sees the program read-only, has one piece of memory to write to (struct cage), handles to
 * itself and to the other cages' ports, and a small account. What its threads run (fuzz.c) uses
 * neither the C library nor variables of the program. The supervisor (main.c) is above them all.
 */
#ifndef T_FUZZ_H
#define T_FUZZ_H

#include <iris/ipc.h>
#include <iris/startup.h>

#define CAGES 3
#define THREADS 3 /* of each cage that the supervisor starts */
#define GUESTS 3  /* places for threads that cages start themselves */
#define SCRATCH_PAGES 4

/* Slots of a cage's table that are filled at its start. */
enum {
    CAGE_SPACE = 1,
    CAGE_PORT = 2,
    CAGE_PORTAL = 3,                    /* .. + CAGES - 1: to each cage's port */
    CAGE_SIBLING = CAGE_PORTAL + CAGES, /* another cage's space, to look at and to map into */
    CAGE_THREAD,                        /* .. + THREADS - 1: its threads */
    CAGE_FREE = 16,
};

struct fuzzer {
    struct iris_thread_block block __attribute__((aligned(IRIS_THREAD_BLOCK_ALIGN)));
    uint32_t seed;
    uint32_t steps, limit; /* done, and to do; most are a call */
    uint32_t priority;     /* the most it may have */
    uint32_t busy;         /* waits for nothing that takes time */
    struct cage *cage;
    uint32_t *done; /* counts threads that came to their end */
    uint8_t stack[3072] __attribute__((aligned(16)));
};

/* What a good run has seen. */
enum {
    FUZZ_CALLED = 1,    /* a call was answered, or a send received */
    FUZZ_RECEIVED = 2,  /* a message came in */
    FUZZ_EVENT = 4,     /* an event or a fault did */
    FUZZ_HANDLE = 8,    /* a handle did */
    FUZZ_GUEST = 16,    /* a cage's own thread ran */
    FUZZ_CANCELED = 32, /* a call was received, but not answered */
    FUZZ_EDEAD = 64,    /* a partner died */
    FUZZ_EDEADLK = 128, /* a ring was seen */
    FUZZ_ALL = 255,
};

struct cage {
    uint8_t scratch[SCRATCH_PAGES * IRIS_PAGE_SIZE] __attribute__((aligned(IRIS_PAGE_SIZE)));
    struct fuzzer threads[THREADS], guests[GUESTS];
    uint32_t done;
    uint32_t calls;     /* of all its threads */
    uint32_t succeeded; /* bit n: kernel call n was made with success */
    uint32_t happened;  /* FUZZ_* */
} __attribute__((aligned(IRIS_PAGE_SIZE)));

void fuzz(void *fuzzer); /* a thread's function */

/* raw.S: one entry into the kernel with all registers chosen, except ESP and ECX of IPC. */
struct raw {
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
};
enum raw_door { RAW_CALL, RAW_IPC, RAW_IPC_GATE };
void raw_enter(struct raw *raw, enum raw_door door);

#endif
