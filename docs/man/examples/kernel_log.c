/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/calls.h>
#include <iris/object.h>

/* All that has come since the last time; `kernel` is a handle of type
   KERNEL, which root gives to the log server. */
int drain(uint32_t kernel)
{
    char text[256];
    int length;

    while ((length = iris_kernel_log(kernel, IRIS_LOG_READ, text,
                                     sizeof text)) > 0)
        fwrite(text, 1, (size_t)length, stdout);
    return length;
}
