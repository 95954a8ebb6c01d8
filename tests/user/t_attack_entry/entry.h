/* SPDX-License-Identifier: MIT */
#ifndef T_ATTACK_ENTRY_H
#define T_ATTACK_ENTRY_H

#include "twin.h"

/* ---- shot.S ---- */

/* Selectors and flags to go through a door with, and what came back. The assembly knows the
   order. */
struct shot {
    uint32_t eax, tag, ebx;
    uint32_t ds, es, fs, gs, flags;
    uint32_t door; /* address to call */
    uint32_t flags_after, tag_after, eax_after;
    uint32_t done; /* it came back at all */
};

void shot_fire(void *shot); /* a thread's function */
void shot_ipc_gate(void);   /* doors, besides iris_ipc */
void shot_sysenter(void);
void shot_call_gate(void);

/* All registers, then SYSENTER. Does not come back by itself. */
struct naked {
    uint32_t eax, ecx, edx, esp, ebp;
};
void naked_sysenter(void *naked);
/* A thread that lands here exits with LANDED. */
void naked_landing(void);
#define LANDED 99

/* Calls code; all registers are saved around it. */
void run_bytes(void *code);
/* Jumps to an address with garbage in all registers but ESP. */
void jump_garbage(void *address);

/* ---- Where the attacks happen ---- */

enum { TWIN_PARTNER = 20 }; /* slot of the twin: portal to the partner */

extern struct twin arena;

/* The partner is a server of this space that looks at its registers whenever it is called. */
bool partner_begin(void);
void partner_end(void);
uint32_t partner_calls(void);

/* Vectors after which a thread may go on: the traps. */
bool judge_traps(struct twin *twin, const struct iris_exception *exception);

void test_sysenter(void);        /* attack 21 */
void test_flags(void);           /* attack 22 */
void test_selectors(void);       /* attack 25 */
void test_instructions(void);    /* attack 26 */
void test_interrupts(void);      /* attack 26: int 0..255 */
void test_vdso(unsigned stride); /* attack 29 */
void test_start(void);           /* START with hostile registers */
void test_utcb(void);            /* a UTCB full of garbage */

#endif
