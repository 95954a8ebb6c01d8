/* SPDX-License-Identifier: MIT */
/* Names that programs and servers agree on at the name service. */
#ifndef IRIS_NAMES_H
#define IRIS_NAMES_H

#define IRIS_NAME_FILES "files"            /* interface file: root directory of the file system */
#define IRIS_NAME_PIPE "service/pipe"      /* interface pipe */
#define IRIS_NAME_POWER "dev/power"        /* interface power */
#define IRIS_NAME_DEBUG "kernel/debug"     /* interface kernel_debug, served by log */
#define IRIS_NAME_PHYSICAL "kernel/memory" /* interface memory_physical, served by mem */
#define IRIS_NAME_SCHED "kernel/sched"     /* interface sched: scheduling policy */

#endif
