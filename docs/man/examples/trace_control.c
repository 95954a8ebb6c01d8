/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/calls.h>
#include <iris/object.h>

/* Everything the kernel has is checked; `kernel` is a handle of type
   KERNEL, which only root has. Programs ask its server debug: see the
   commands audit and trace. */
int audit(uint32_t kernel)
{
    struct iris_audit found;
    int error = iris_trace_control(kernel, IRIS_TRACE_AUDIT, &found,
                                   sizeof found);

    if (error == 0)
        printf("%u threads, %u handles\n", (unsigned)found.threads,
               (unsigned)found.handles);
    return error;
}
