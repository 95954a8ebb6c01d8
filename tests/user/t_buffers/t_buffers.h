/* SPDX-License-Identifier: MIT */
#ifndef T_BUFFERS_H
#define T_BUFFERS_H

#include "kit.h"

#define PAGE IRIS_PAGE_SIZE
#define UTCB_FIRST (BARE_UTCB_FIRST + 1)

/* ipc_copy until all is copied or nothing more can be: an interrupt ends a call early. */
int copy_all(uint32_t spec, uint32_t offset, void *address, uint32_t length);

void test_overlap(void);           /* attack 9 */
void test_pass_on(void);           /* buffers handed down a chain */
void test_vanish(unsigned rounds); /* attack 19 */

#endif
