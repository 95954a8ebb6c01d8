/* SPDX-License-Identifier: MIT */
#include "devctl.h"

#include <errno.h>

#include "../files.h"

int devctl(int fd, int command, void *data, size_t bytes, int *info)
{
    uint32_t code = (uint32_t)command, result = 0;
    struct open_file *file = files_hold(fd);

    if (file == NULL)
        return EBADF;
    int status = file_control(file->handle, code, data, code & _POSIX_DEVDIR_TO ? bytes : 0, data,
                              code & _POSIX_DEVDIR_FROM ? bytes : 0, &result);
    files_drop(file);
    if (status == 0 && info != NULL)
        *info = (int)result;
    return -files_lacks(status, -ENOTTY);
}
