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

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    uint32_t at = (uint32_t)address;
    int error = map(&at, length, protection, flags, fd, offset);

    if (error == 0)
        return (void *)at;
    errno = -error;
    return MAP_FAILED;
}

int munmap(void *address, size_t length)
{
    return libc_result(memory_release(IRIS_SLOT_MEMORY, (uint32_t)address, length));
}
