/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <sys/ioctl.h>

#include "../libc.h"

#define SIZE_SHIFT 16
#define SIZE_MASK 0x3fffu

int ioctl(int fd, int request, ...)
{
    size_t size = (uint32_t)request >> SIZE_SHIFT & SIZE_MASK;
    void *data = NULL;
    int said = 0;

    if (size > 0) {
        va_list arguments;
        va_start(arguments, request);
        data = va_arg(arguments, void *);
        va_end(arguments);
    }
    int error = devctl(fd, request, data, size, &said);
    return error != 0 ? libc_result(-error) : said;
}
