/* SPDX-License-Identifier: MIT */
#ifndef T_PAGE_H
#define T_PAGE_H

#include "kit.h"

/* The start block's auxiliary vector: the value of an entry, 0 if there is none. */
uint32_t auxiliary(char *const environment[], uint32_t type);

void test_data_page(void);               /* row 13 */
void test_symbols(const uint8_t *image); /* row 14: look-up by name and version */
void test_no_entry(void);                /* row 40 */

#endif
