/* SPDX-License-Identifier: MIT */
/* Sets of signals, in newlib's place: one bit for each of the signals 1 to 63. */
#ifndef _SYS__SIGSET_H_
#define _SYS__SIGSET_H_

typedef unsigned long long __sigset_t;

#endif
