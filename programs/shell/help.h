/* SPDX-License-Identifier: MIT */
/* help: builtins from their table, programs by the summary each carries (iris/summary.h). */
#ifndef SHELL_HELP_H
#define SHELL_HELP_H

#define HELP_PROGRAMS "/bin"

int help_all(void);
int help_one(const char *name);

#endif
