/* SPDX-License-Identifier: MIT */
/* Bringing in all pages of the shell at its start. */
#ifndef SHELL_RESIDENT_H
#define SHELL_RESIDENT_H

/*
 * Programs are paged on demand, so the first use of each corner of the shell would take another
 * page. The command `audit`, by which tests find leaks, compares the pages in use before and after:
 * the shell's own must not change in between.
 */
void resident_make(void);

#endif
