/* SPDX-License-Identifier: MIT */
/* The functions that newlib calls and the system has to provide. Its public headers declare only
   some of them. */
#ifndef LIBC_NEWLIB_HOOKS_H
#define LIBC_NEWLIB_HOOKS_H

#include <glob.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/types.h>
#include <sys/wait.h>

void _exit(int status) __attribute__((noreturn));
int _open(const char *path, int flags, int mode);
int _close(int fd);
ssize_t _read(int fd, void *buffer, size_t count);
ssize_t _write(int fd, const void *buffer, size_t count);
off_t _lseek(int fd, off_t offset, int whence);
int _fstat(int fd, struct stat *status);
int _stat(const char *path, struct stat *status);
int _isatty(int fd);
int _fcntl(int fd, int command, int argument);
int _link(const char *from, const char *to);
int _unlink(const char *path);
int _rename(const char *from, const char *to);
int _mkdir(const char *path, int mode);
void *_sbrk(ptrdiff_t increment);
pid_t _getpid(void);
int _kill(pid_t pid, int signal);
pid_t _fork(void);
int _execve(const char *path, char *const argv[], char *const environment[]);
int _system(const char *command);
int _gettimeofday(struct timeval *time, void *zone);
clock_t _times(struct tms *times);
int clearenv(void);
char *_user_strerror(int number, int internal, int *error);

/* newlib's own `glob`, under another name (Makefile). */
int newlib_glob(const char *pattern, int flags, int (*told)(const char *, int), glob_t *found);

#endif
