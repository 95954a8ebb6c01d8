/* SPDX-License-Identifier: MIT */
#ifndef T_MUTANTS_RAW_H
#define T_MUTANTS_RAW_H

/* An IPC with words 0, and what all its registers are afterwards. The assembly knows the order. */
struct raw {
    uint32_t operation; /* then the badge: EAX */
    uint32_t tag;       /* EBP */
    uint32_t ecx, edx;
    uint32_t ebx, esi, edi;
};
void raw_ipc(struct raw *raw);

/* A thread's function: an IPC that fails (there is no such handle), single-stepped from the
   instruction before it to the one at raw_stepped. Then another, not stepped, up to raw_free. */
void raw_step(void *unused);
void raw_stepped(void);
void raw_free(void);

#endif
