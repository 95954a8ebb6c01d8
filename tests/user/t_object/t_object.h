/* SPDX-License-Identifier: MIT */
#ifndef T_OBJECT_H
#define T_OBJECT_H

#include "kit.h"

#include "memory.h"
#include "memory_object.h"

#define PAGE ((uint32_t)IRIS_PAGE_SIZE)
#define FAR 0x60000000u /* addresses nobody uses */

/* What is mapped at an address of the own space: false: nothing. */
bool mapping_at(uint32_t address, struct iris_mapping_info *info);
struct memory_usage usage(void);

/* Runs this program again as `t_object ROLE`, with a handle as its standard input. */
int role_start(const char *role, uint32_t handle, uint32_t *pid);
/* How it ended, as <sys/wait.h> has it. */
uint32_t role_end(uint32_t pid);
/* What it does; the result is its exit status. */
int child_run(const char *role);

void test_share(void);   /* rows 44, 46: one object, several places, different rights */
void test_private(void); /* copy on write */
void test_sources(void); /* files of the archive, devices */
void test_limits(void);  /* quotas, and that everything comes back */
void test_idle(void);    /* row 48: pages zeroed when nothing else runs */
void test_mmap(void);    /* the same by POSIX names */
void test_heap(void);    /* memory pressure is ENOMEM */

#endif
