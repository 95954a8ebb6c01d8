/* SPDX-License-Identifier: MIT */
/* pipe: the pipe service makes both ends. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <iris/names.h>
#include <iris/object.h>

#include "files.h"
#include "libc.h"
#include "names.h" /* generated from servers/names/names.idl */
#include "pipe.h"  /* generated from servers/pipe/pipe.idl */
#include "slots.h"

static int create(uint32_t flags, uint32_t *reader, uint32_t *writer)
{
    uint32_t service;
    int error = names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_PIPE, &service);
    if (error != 0)
        return error;
    error = pipe_create(service, flags, reader, writer);
    iris_handle_discard(service);
    return error;
}

static int make(int ends[2], int flags)
{
    uint32_t reader, writer;
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0)
        return -EINVAL;
    int error = create(flags & O_NONBLOCK ? FILE_OPEN_NONBLOCK : 0, &reader, &writer);
    if (error != 0)
        return error;
    int first = files_new(reader, flags & O_CLOEXEC, NULL);
    int second = files_new(writer, flags & O_CLOEXEC, NULL);
    if (first >= 0 && second >= 0) {
        ends[0] = first;
        ends[1] = second;
        return 0;
    }
    if (first >= 0)
        close(first);
    if (second >= 0)
        close(second);
    return first < 0 ? first : second;
}

int pipe2(int ends[2], int flags) { return libc_result(make(ends, flags)); }

int pipe(int ends[2]) { return pipe2(ends, 0); }
