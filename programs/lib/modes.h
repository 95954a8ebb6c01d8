/* SPDX-License-Identifier: MIT */
/* Modes of files as people write them (POSIX XCU chmod): 755, u+x, go-w,a=r. */
#ifndef PROGRAMS_MODES_H
#define PROGRAMS_MODES_H

#include <stdbool.h>
#include <sys/types.h>

/* Changes a mode as the text says; false: it is no such thing, and the mode is as it was. */
bool modes_apply(const char *text, mode_t *mode);

#endif
