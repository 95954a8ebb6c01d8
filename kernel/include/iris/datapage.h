/* SPDX-License-Identifier: MIT */
/*
 * The data page: what the kernel tells every program without being asked. Read-only for users,
 * at IRIS_DATA_PAGE in every space. L4's kernel interface page and Linux's vvar in one.
 */
#ifndef IRIS_DATAPAGE_H
#define IRIS_DATAPAGE_H

#include <stdint.h>

#define IRIS_DATA_MAGIC 0x73697249u /* "Iris" */
#define IRIS_ABI_VERSION 0x00010000u

#define IRIS_FEATURE_SEP 1u  /* SYSENTER present */
#define IRIS_FEATURE_PGE 2u  /* global pages */
#define IRIS_FEATURE_FXSR 4u /* FXSAVE, hence SSE state can be kept */
#define IRIS_FEATURE_SSE 8u
#define IRIS_FEATURE_DOOR_SYSENTER 16u /* IPC enters by SYSENTER (else by the gate) */
#define IRIS_FEATURE_FASTPATH 32u      /* the fast path is on */
#define IRIS_FEATURE_DEBUG 64u         /* kernel built with assertions */

struct iris_data_page {
    uint32_t magic, abi_version, size, features;
    /* clock: ns = ns_base + ((tsc - tsc_base) * mult >> shift), read under the sequence lock */
    uint32_t sequence; /* odd while being written */
    uint32_t tsc_mult, tsc_shift, tsc_khz;
    uint64_t tsc_base, ns_base;
    uint64_t boot_time; /* ns since 1970 at ns 0: IRIS_TRACE_CLOCK */
    uint32_t page_size, processors;
    uint32_t memory_pages; /* physical pages in all */
    uint32_t kernel_pages; /* pages of the kernel's pool */
    uint32_t kernel_pages_free;
    uint32_t vdso_base, vdso_size;
    uint32_t reserved[9];
    char version[64];       /* "0.1.0 debug ..." */
    char command_line[512]; /* of the kernel */
    uint8_t reserved2[3396];
    uint32_t thread_pointer; /* of the running thread; read as %gs:0 */
};
_Static_assert(sizeof(struct iris_data_page) == 4096, "the data page is one page");

#endif
