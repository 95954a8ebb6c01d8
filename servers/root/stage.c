/* SPDX-License-Identifier: MIT */
/* Root's lines go to the kernel's log: it is there before any server, and stamps them. */
#include "root.h"

#include <stdarg.h>

#include "text.h"

#define LINE_SIZE 200

/* One line: `before`, `text` and the texts that follow it, `after`. Cut if too long. */
static void write_line(const char *before, const char *text, va_list texts, const char *after,
                       const char *problem)
{
    char buffer[LINE_SIZE];
    struct text_line line = text_begin(buffer, sizeof buffer);

    text_add(&line, before);
    for (; text != NULL; text = va_arg(texts, const char *))
        text_add(&line, text);
    text_add(&line, after);
    text_add(&line, problem);
    text_add(&line, "\n");
    if (buffer[line.length - 1] != '\n') /* it was cut */
        buffer[line.length - 1] = '\n';
    for (size_t done = 0; done < line.length;) {
        int written = iris_kernel_log(IRIS_SLOT_ROOT_KERNEL, IRIS_LOG_WRITE, buffer + done,
                                      line.length - done);
        if (written <= 0)
            return;
        done += (size_t)written;
    }
}

void stage_ok(const char *text, ...)
{
    va_list texts;

    va_start(texts, text);
    write_line("boot: ", text, texts, " ... ok", "");
    va_end(texts);
}

void stage_failed(const char *problem, const char *text, ...)
{
    va_list texts;

    va_start(texts, text);
    write_line("boot: ", text, texts, " ... FAILED: ", problem);
    va_end(texts);
}

void say(const char *text, ...)
{
    va_list texts;

    va_start(texts, text);
    write_line("", text, texts, "", "");
    va_end(texts);
}

const char *error_name(int error)
{
    switch (error < 0 ? -error : error) {
    case EPERM:
        return "not permitted";
    case ENOENT:
        return "not found";
    case 8:
        return "not a program"; /* ENOEXEC of the C library */
    case EBADF:
        return "bad handle";
    case EAGAIN:
        return "try again";
    case ENOMEM:
        return "out of memory";
    case EFAULT:
        return "bad address";
    case EBUSY:
        return "in use";
    case EEXIST:
        return "exists already";
    case EINVAL:
        return "invalid argument";
    case EDEADLK:
        return "deadlock";
    case ENOSYS:
        return "not implemented";
    case ETIMEDOUT:
        return "no answer in time";
    case ECANCELED:
        return "cancelled";
    case EDEAD:
        return "it is dead";
    default:
        return "unknown error";
    }
}
