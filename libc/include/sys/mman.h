/* SPDX-License-Identifier: MIT */
/* Mapped memory (POSIX), as far as the memory service has it. */
#ifndef IRIS_SYS_MMAN_H
#define IRIS_SYS_MMAN_H

#include <sys/types.h>

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4 /* what can be read can be executed */

#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_ANON MAP_ANONYMOUS

#define MAP_FAILED ((void *)-1)

#ifdef __cplusplus
extern "C" {
#endif

/* Anonymous memory, or a file that has a memory object (those of the boot archive, to be read or
   privately). ENOMEM if the quota or the machine has no room for all of it: later no touch fails.
 */
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int munmap(void *address, size_t length);

/* EACCES: the program's own parts, or a file that may not be written. */
int mprotect(void *address, size_t length, int protection);

#define MS_ASYNC 1
#define MS_SYNC 2
#define MS_INVALIDATE 4

/* A mapping and its file are the same pages: there is never anything to be written. ENOMEM: nothing
   is mapped there. */
int msync(void *address, size_t length, int flags);

#define MCL_CURRENT 1
#define MCL_FUTURE 2

/* Memory is never taken from a program; what is locked is given at once. */
int mlock(const void *address, size_t length);
int munlock(const void *address, size_t length);

/* Shared memory objects, by name. */
int shm_open(const char *name, int flags, mode_t mode);
int shm_unlink(const char *name);

#ifdef __cplusplus
}
#endif
#endif
