/* SPDX-License-Identifier: MIT */
/* Buffers whose address may be wrong: the memory service is asked instead of the processor. */
#include <iris/calls.h>
#include <iris/error.h>

#include "memory.h"
#include "stub.h"

int iris_buffer_present(const void *data, uint32_t length, bool writable)
{
    uint32_t address = (uint32_t)(uintptr_t)data, done = 0;

    while (length > 0) {
        int status = memory_present(IRIS_SLOT_MEMORY, address, length,
                                    writable ? MEMORY_WRITE : MEMORY_READ_ONLY, &done);
        if (status == -ENOSYS) { /* a service made by somebody else */
            iris_buffer_touch((const void *)address, length, writable);
            return 0;
        }
        if (status < 0)
            return status;
        if (done == 0)
            return -EFAULT;
        address += done;
        length -= done;
    }
    return 0;
}
