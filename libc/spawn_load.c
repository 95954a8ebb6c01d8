/* SPDX-License-Identifier: MIT */
/*
 * A program of any file becomes a child. The file is read here, by who starts it: its server may be
 * anybody's, slow or lying, and nobody but the caller waits for it. What was read is the child's
 * own: later writes to the file do not change it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iris/object.h>

#include "libc.h"
#include "slots.h"
#include "spawn_plan.h"
#include "threads.h"

#define MODE_EXECUTE 0111u
#define NAME_MAX_SHOWN 32 /* of a process */

/* Reads up to `size` bytes; the count is smaller only at the file's end. */
static int read_part(struct program_file *file, uint32_t offset, uint32_t size)
{
    uint32_t done = 0, count;
    while (done < size) {
        int error;
        count = 0;
        THREAD_CALL(error, file_read_at(file->handle, offset + done, file->bytes + done,
                                        size - done, &count));
        if (error != 0)
            return files_lacks(error, -EACCES);
        if (count > size - done)
            return -EIO;
        if (count == 0)
            break;
        done += count;
    }
    return (int)done;
}

/* POSIX.1-2017, exec: EACCES for what is no regular file, or not executable. */
static int check(struct program_file *file)
{
    struct file_status status;
    int error;
    THREAD_CALL(error, file_status(file->handle, &status));
    if (error != 0)
        return error;
    if (status.kind != FILE_KIND_REGULAR || !(status.mode & MODE_EXECUTE))
        return -EACCES;
    if (status.size == 0 || status.size > FILE_MAX_SIZE)
        return -ENOEXEC;
    file->size = (uint32_t)status.size;
    return 0;
}

static int read_head(struct program_file *file)
{
    uint32_t most = file->size < PROCESS_HEAD_BYTES ? file->size : PROCESS_HEAD_BYTES;
    int count = read_part(file, 0, most);
    if (count < 0)
        return count;
    file->head_size = (uint32_t)count;
    return file->head_size == most ? 0 : -ENOEXEC;
}

int program_open(struct program_file *file, const char *path)
{
    *file = (struct program_file){.handle = 0};
    int error = path_open(path, FILE_OPEN_READ, &file->handle);
    if (error != 0)
        return error == -EISDIR ? -EACCES : error;
    error = check(file);
    if (error == 0 && (file->bytes = malloc(PROCESS_CONTROL_LOAD_BYTES)) == NULL)
        error = -ENOMEM;
    return error == 0 ? read_head(file) : error;
}

void program_close(struct program_file *file)
{
    if (file->handle != 0)
        iris_handle_discard(file->handle);
    free(file->bytes);
}

/* Brings what the child's segments need; the file may have become shorter meanwhile. */
static int load(struct program_file *file, uint32_t control)
{
    uint32_t offset = 0, left = 0;
    int count = 0, error = process_control_load(control, file->bytes, 0, &offset, &left);
    while (error == 0 && left > 0) {
        count = read_part(file, offset,
                          left < PROCESS_CONTROL_LOAD_BYTES ? left : PROCESS_CONTROL_LOAD_BYTES);
        if (count <= 0)
            return count < 0 ? count : -ENOEXEC;
        error = process_control_load(control, file->bytes, (uint32_t)count, &offset, &left);
    }
    return error;
}

int program_make(struct program_file *file, const char *resolved, struct child *child)
{
    char name[NAME_MAX_SHOWN + 1] = "";
    const char *slash = strrchr(resolved, '/');
    strncat(name, slash != NULL ? slash + 1 : resolved, NAME_MAX_SHOWN);
    int error = process_spawn_loaded(IRIS_SLOT_PROCESS, name, file->size, file->bytes,
                                     file->head_size, &child->pid, &child->control);
    if (error != 0)
        return error;
    error = load(file, child->control);
    if (error != 0) { /* it has not begun, so it goes with its last handle */
        process_control_kill(child->control);
        iris_handle_discard(child->control);
        child->control = 0;
    }
    return error;
}
