/* SPDX-License-Identifier: MIT */
/*
 * Building a program's space from an ELF file: of the boot archive, paged on demand by mem, or any
 * other, whose contents its reader brings. Root starts servers with it, the process service
 * processes.
 *
 *     launch_create    client of mem, space, regions, main thread; slots 1-3 of its table
 *     launch_load      contents that are not in the boot archive
 *     launch_give      any further handles
 *     launch_start     arguments on its stack, and off it goes
 *     launch_destroy   everything back, at any stage
 */
#ifndef IRIS_LIB_LAUNCH_H
#define IRIS_LIB_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/startup_block.h>

#include "elf.h"

#define LAUNCH_STACK_SIZE (1u << 20) /* at most; given page by page on touch */
#define LAUNCH_ARGUMENTS_MAX 12288u  /* bytes of strings */

struct launch {
    /* what the caller says */
    const void *file;   /* the ELF file, mapped */
    uint32_t file_size; /* of all of it */
    uint32_t archive_offset;
    const struct elf_head *head; /* for launch_create: the file is not in the archive; else NULL */
    uint32_t control;            /* portal: mem's memory_control */
    uint32_t watch;    /* portal: exceptions and exits of its threads are told here; 0: nobody */
    uint32_t priority; /* of its main thread */
    uint32_t ceiling;  /* highest priority of further ones */
    uint32_t kernel_pages; /* from the caller's account */
    uint32_t quota_pages;
    bool populate; /* all of it is there from the start, and a part of the stack: a server */
    const char *path, *cwd; /* cwd NULL: none */
    const char *strings;    /* argc strings, then envc strings, each with its zero byte */
    uint32_t strings_size, argc, envc, pid;
    bool tells_umask; /* else it has the usual one */
    uint32_t umask;
    bool tells_files; /* else the program believes that it has the three standard ones */
    const struct iris_file_slot *files;
    uint32_t files_count;
    uint64_t blocked, ignored; /* signals */

    /* what it got: zero at first */
    uint32_t client, pager; /* number at mem; portal */
    uint32_t space, thread; /* handles */
    struct elf_program program;
    uint32_t wanted_segment, wanted_offset; /* what is loaded next: in which, from where on in it */
    const char *problem; /* after an error: what is wrong with the file, or which step failed */
};

/* Each returns 0 or a negative error number; what there is remains until launch_destroy. */
int launch_create(struct launch *launch);
int launch_give(const struct launch *launch, uint32_t handle, uint32_t slot, uint32_t rights);
int launch_start(struct launch *launch);

/* The part of a file outside of the archive that is to be loaded next; *size 0: no more. */
void launch_wanted(const struct launch *launch, uint32_t *offset, uint32_t *size);
/* Loads the beginning of that part. -EINVAL: more than it. */
int launch_load(struct launch *launch, const void *data, uint32_t size);

void launch_destroy(struct launch *launch);

/* The START message itself, for who has built a space by other means. */
int launch_send_start(uint32_t thread, uint32_t entry, uint32_t stack_pointer,
                      uint32_t thread_pointer);

#endif
