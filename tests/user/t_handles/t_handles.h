/* SPDX-License-Identifier: MIT */
#ifndef T_HANDLES_H
#define T_HANDLES_H

#include "twin.h"

void test_sweep(uint32_t probes); /* attack 5: numbers that are no handles */
void test_stale(unsigned rounds); /* attack 5: closed, reused, destroyed, revoked */
void test_rights(void);           /* attack 6: each right missing in turn */
void test_types(void);            /* every call with a handle of every wrong type */
void test_identity(void);         /* row 8: two ports in one space, badges, strangers */
void test_reply_handles(void);    /* attack 4 */

#endif
