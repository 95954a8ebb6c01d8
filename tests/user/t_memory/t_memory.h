/* SPDX-License-Identifier: MIT */
#ifndef T_MEMORY_H
#define T_MEMORY_H

#include "twin.h"

#define PAGE IRIS_PAGE_SIZE
#define FAR 0x60000000u /* addresses nobody uses */

/* What is mapped at an address of a space: derived mappings, or -1: nothing. */
int mapping_at(uint32_t space, uint32_t address, struct iris_mapping_info *info);

void test_map(void);            /* row 30: map, grant, recursive unmap */
void test_refuse(void);         /* the window, page 0, what is not one's own */
void test_pager(void);          /* rows 31 and 32: faults served and refused */
void test_steps(uint32_t most); /* deep, wide and many (at most so many) mappings */
void test_race(void);           /* attacks 2 and 30: memory that comes and goes */
void test_service(void);        /* the memory service: quota, regions */

#endif
