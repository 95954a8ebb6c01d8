/* SPDX-License-Identifier: MIT */
/* Root's lines go to the kernel's log: it is there before any server, and stamps them. */
#include "root.h"

#include <stdarg.h>

#include "text.h"

#define LINE_SIZE 200

static void add_all(struct text_line *line, va_list texts)
{
    for (const char *text; (text = va_arg(texts, const char *)) != NULL;)
        text_add(line, text);
}

static void write_line(struct text_line *line)
{
    text_add(line, "\n");
    if (line->buffer[line->length - 1] != '\n') /* it was cut */
        line->buffer[line->length - 1] = '\n';
    iris_kernel_log(IRIS_SLOT_ROOT_KERNEL, IRIS_LOG_WRITE, line->buffer, line->length);
}

void stage_ok(const char *text, ...)
{
    char buffer[LINE_SIZE];
    struct text_line line = text_begin(buffer, sizeof buffer);
    va_list texts;

    text_add(&line, "boot: ");
    text_add(&line, text);
    va_start(texts, text);
    add_all(&line, texts);
    va_end(texts);
    text_add(&line, " ... ok");
    write_line(&line);
}

void stage_failed(const char *problem, const char *text, ...)
{
    char buffer[LINE_SIZE];
    struct text_line line = text_begin(buffer, sizeof buffer);
    va_list texts;

    text_add(&line, "boot: ");
    text_add(&line, text);
    va_start(texts, text);
    add_all(&line, texts);
    va_end(texts);
    text_add(&line, " ... FAILED: ");
    text_add(&line, problem);
    write_line(&line);
}

void say(const char *text, ...)
{
    char buffer[LINE_SIZE];
    struct text_line line = text_begin(buffer, sizeof buffer);
    va_list texts;

    text_add(&line, text);
    va_start(texts, text);
    add_all(&line, texts);
    va_end(texts);
    write_line(&line);
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
