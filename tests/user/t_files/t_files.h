/* SPDX-License-Identifier: MIT */
/* The topics of t_files, one a file. */
#ifndef T_FILES_H
#define T_FILES_H

#include <errno.h>

#include "test.h"

/* A call that must fail with that error. */
#define REFUSED(call, error, what) TEST_CHECK((call) < 0 && errno == (error), what)

void check_opening(void);    /* open.c: open's flags, descriptors, fcntl */
void check_contents(void);   /* contents.c: read, write, seek, truncate, large and many files */
void check_entries(void);    /* entries.c: names made, moved, taken away, listed */
void check_devices(void);    /* devices.c: /dev, names that processes register */
void check_attacks(void);    /* attacks.c: what clients should not do */
void check_locks(void);      /* locks.c: record locks and flock, whose they are */
void check_exhaustion(void); /* exhaustion.c: a full file system; only when asked for */

int lock_child(const char *what); /* locks.c: what its other process does */

#endif
