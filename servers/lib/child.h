/* SPDX-License-Identifier: MIT */
/* The steps of starting a program at the process service, for those who have handles and strings
   ready. The C library's iris_spawn and posix_spawn take descriptors and arguments instead. */
#ifndef IRIS_LIB_CHILD_H
#define IRIS_LIB_CHILD_H

#include <stdint.h>

#include <iris/startup.h>

#include "process.h" /* generated from servers/proc/process.idl */

struct child {
    const char *path;
    const void *block; /* argc strings, then envc strings, each with its zero byte */
    uint32_t block_size, argc, envc;
    const struct iris_file_slot *files; /* slots are the caller's */
    uint32_t files_count;
    struct start_terms terms;

    /* what it got */
    uint32_t pid, control; /* control: handle for process_control, the caller's to discard */
};

/* 0 or a negative error number: then there is no child, and no handle. `process`: a portal to the
   process service. */
int child_start(uint32_t process, struct child *child);
/* The same with a child that has been made: pid and control are there already. */
int child_begin(struct child *child);

/* The three standard files from these handles. */
#define CHILD_STANDARD_FILES(input, output, error)                                                 \
    {                                                                                              \
        {0, (input)}, {1, (output)}, { 2, (error) }                                                \
    }

#endif
