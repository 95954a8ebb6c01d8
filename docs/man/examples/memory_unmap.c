/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

/* What others have been given of a range of ours is taken back; we
   keep it. */
int revoke(const void *memory, uint32_t pages)
{
    return iris_memory_unmap(0, (uint32_t)memory, pages, 0);
}

/* They may go on reading it, but what is written now is ours alone.
 */
int freeze(const void *memory, uint32_t pages)
{
    return iris_memory_unmap(0, (uint32_t)memory, pages,
                             IRIS_UNMAP_PROTECT);
}
