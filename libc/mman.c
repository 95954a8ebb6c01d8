/* SPDX-License-Identifier: MIT */
/* mmap on the memory service: allocations, and views of memory objects. */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include <iris/layout.h>
#include <iris/object.h>

#include "files.h"
#include "libc.h"
#include "memory.h" /* generated from servers/mem/memory.idl */
#include "slots.h"

static int map_anonymous(uint32_t *address, uint32_t size, uint32_t flags)
{
    if (*address == 0)
        return memory_allocate(IRIS_SLOT_MEMORY, size, flags & MEMORY_WRITE, address);
    return memory_allocate_at(IRIS_SLOT_MEMORY, *address, size, flags & MEMORY_WRITE);
}

static int map_file(uint32_t *address, uint32_t size, uint32_t flags, int fd, uint32_t offset)
{
    struct open_file *file = files_hold(fd);
    uint32_t object;

    if (file == NULL)
        return -EBADF;
    int error = file_object(file->handle, IRIS_SLOT_MEMORY, &object);
    files_drop(file);
    if (error < 0)
        return error == -ENOSYS ? -ENODEV : error;
    error = memory_map(IRIS_SLOT_MEMORY, object, *address, offset, size, flags, address);
    iris_handle_discard(object); /* the view keeps it */
    return error == -EPERM ? -EACCES : error;
}

static int map(uint32_t *address, uint32_t size, int protection, int flags, int fd, off_t offset)
{
    int kind = flags & (MAP_SHARED | MAP_PRIVATE);
    uint32_t wanted = protection & PROT_WRITE ? MEMORY_WRITE : MEMORY_READ_ONLY;

    if ((kind != MAP_SHARED && kind != MAP_PRIVATE) || size == 0 || offset < 0 ||
        offset % IRIS_PAGE_SIZE != 0)
        return -EINVAL;
    if (!(flags & MAP_FIXED))
        *address = 0;
    else if (*address == 0 || *address % IRIS_PAGE_SIZE != 0)
        return -EINVAL;
    else
        memory_release(IRIS_SLOT_MEMORY, *address, size); /* what was there is replaced */
    if (flags & MAP_ANONYMOUS)
        return map_anonymous(address, size, wanted);
    return map_file(address, size, wanted | (kind == MAP_PRIVATE ? MEMORY_PRIVATE : 0), fd,
                    (uint32_t)offset);
}

/* What can be done with pages that are there. */
static int protect(uint32_t address, uint32_t size, int protection)
{
    uint32_t flags = protection == PROT_NONE   ? MEMORY_NONE
                     : protection & PROT_WRITE ? MEMORY_WRITE
                                               : MEMORY_READ_ONLY;
    int error = memory_protect(IRIS_SLOT_MEMORY, address, size, flags);

    return error == -EPERM ? -EACCES : error;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    uint32_t at = (uint32_t)address;
    int error = map(&at, length, protection, flags, fd, offset);

    if (error == 0 && protection == PROT_NONE)
        error = protect(at, length, PROT_NONE);
    if (error == 0)
        return (void *)at;
    errno = -error;
    return MAP_FAILED;
}

int munmap(void *address, size_t length)
{
    return libc_result(memory_release(IRIS_SLOT_MEMORY, (uint32_t)address, length));
}

int mprotect(void *address, size_t length, int protection)
{
    if ((uint32_t)address % IRIS_PAGE_SIZE != 0 ||
        protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
        return libc_result(-EINVAL);
    return length == 0 ? 0 : libc_result(protect((uint32_t)address, length, protection));
}

/* Whether all of it is there; on the way each page is given. */
static int present(uint32_t address, uint32_t size)
{
    int error = 0;

    for (uint32_t done = 0; size > 0 && error == 0; address += done, size -= done)
        error = memory_present(IRIS_SLOT_MEMORY, address, size, 0, &done);
    return error == -EFAULT ? -ENOMEM : error;
}

int msync(void *address, size_t length, int flags)
{
    if ((uint32_t)address % IRIS_PAGE_SIZE != 0 || flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE) ||
        (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
        return libc_result(-EINVAL);
    return libc_result(present((uint32_t)address, length));
}

int mlock(const void *address, size_t length)
{
    return libc_result(present((uint32_t)address, length));
}

int munlock(const void *address, size_t length)
{
    return libc_result(present((uint32_t)address, length));
}
