/* SPDX-License-Identifier: MIT */
/* Waiting for children: POSIX.1-2017 <sys/wait.h>, instead of newlib's header. */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <sys/signal.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WNOHANG 1
#define WUNTRACED 2
#define WSTOPPED WUNTRACED /* waitid */
#define WCONTINUED 4
#define WEXITED 8
#define WNOWAIT 16

/* A status: exit status << 8, or a signal, or signal << 8 | 0x7f, or 0xffff. */
#define WIFEXITED(status) (((status)&0xff) == 0)
#define WEXITSTATUS(status) ((status) >> 8 & 0xff)
#define WIFSIGNALED(status) (((status)&0x7f) != 0 && ((status)&0x7f) != 0x7f)
#define WTERMSIG(status) ((status)&0x7f)
#define WIFSTOPPED(status) (((status)&0xff) == 0x7f)
#define WSTOPSIG(status) ((status) >> 8 & 0xff)
#define WIFCONTINUED(status) ((status) == 0xffff)
#define WCOREDUMP(status) 0 /* there are none: faults are reported in the log */

typedef enum { P_ALL, P_PID, P_PGID } idtype_t;

pid_t wait(int *);
pid_t waitpid(pid_t, int *, int);
int waitid(idtype_t, id_t, siginfo_t *, int);
pid_t _wait(int *);

#ifdef __cplusplus
}
#endif
#endif
