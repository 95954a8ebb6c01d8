/* SPDX-License-Identifier: MIT */
#ifndef T_SECRETS_H
#define T_SECRETS_H

#include "twin.h"

#define UTCB_FIRST (BARE_UTCB_FIRST + 1)

/* ---- capture.S ---- */

/* All registers, into an IPC and out of it. The assembly knows the order. */
struct captured {
    uint32_t eax, tag, ebx, esi, edi, ecx, edx, flags;
};
void capture_ipc(struct captured *captured); /* eax: the operation */

/* A thread's function: notes what the registers were when it began. */
void capture_start(void *captured);

/* ---- Tests ---- */

void test_fpu(unsigned rounds); /* attack 27 */
void test_canaries(void);       /* attack 28 */
void test_deputy(void);         /* attack 20 */

#endif
