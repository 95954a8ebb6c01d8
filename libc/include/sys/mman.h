/* SPDX-License-Identifier: MIT */
/* Mapped memory (POSIX), as far as the memory service has it. */
#ifndef IRIS_SYS_MMAN_H
#define IRIS_SYS_MMAN_H

#include <sys/types.h>

#define PROT_NONE 0 /* readable here: the memory service has nothing less */
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

#ifdef __cplusplus
}
#endif
#endif
