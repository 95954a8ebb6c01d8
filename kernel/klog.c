/* SPDX-License-Identifier: MIT */
#include "klog.h"

#include "arch.h"
#include "handle.h"
#include "port.h"
#include "sched.h"
#include "syscall.h"

#define RING 16384 /* bytes, a power of two */

static struct {
    char ring[RING];
    uint32_t written, read;
    bool silent; /* a driver owns the serial line */
    bool line_started;
    struct entry logger;
    uint32_t bits;
} klog_state;

/* ---- Formatting: %s %u %x %%; numbers with 0 and width ---- */

static void put_number(void (*put)(char), uint32_t value, unsigned base, int width, char pad)
{
    char digits[10];
    int count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (; width > count; width--)
        put(pad);
    while (count > 0)
        put(digits[--count]);
}

static void put_string(void (*put)(char), const char *string)
{
    for (string = string ? string : "(null)"; *string; string++)
        put(*string);
}

void klog_format(void (*put)(char), const char *format, va_list arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        char pad = *++format == '0' ? '0' : ' ';
        int width = 0;
        for (; *format >= '0' && *format <= '9'; format++)
            width = width * 10 + *format - '0';
        if (*format == 's')
            put_string(put, va_arg(arguments, const char *));
        else if (*format == 'u' || *format == 'x')
            put_number(put, va_arg(arguments, uint32_t), *format == 'x' ? 16 : 10, width, pad);
        else if (*format)
            put(*format);
        else
            return;
    }
}

void klog_print(void (*put)(char), const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    klog_format(put, format, arguments);
    va_end(arguments);
}

/* ---- The ring ---- */

static void ring_put(char c)
{
    klog_state.ring[klog_state.written++ % RING] = c;
    if (klog_state.written - klog_state.read > RING)
        klog_state.read = klog_state.written - RING; /* the oldest is lost */
    cpu.attention |= CPU_LOG;
    if (!klog_state.silent)
        arch_console_put(c);
}

/* A line begins with the time. */
void klog_put(char c)
{
    if (!klog_state.line_started) {
        uint64_t us = arch_now() / 1000;
        klog_state.line_started = true;
        klog_print(ring_put, "[%5u.%06u] ", (uint32_t)(us / 1000000), (uint32_t)(us % 1000000));
    }
    ring_put(c);
    if (c == '\n')
        klog_state.line_started = false;
}

void klog_deliver(void)
{
    cpu.attention &= ~CPU_LOG;
    notify_portal(&klog_state.logger, klog_state.bits);
}

/* ---- kernel_log ---- */

static int log_read(uint32_t buffer, uint32_t length)
{
    uint32_t done = 0;

    length = min(length, 2048u);
    while (done < length && klog_state.read != klog_state.written) {
        uint32_t at = klog_state.read % RING;
        uint32_t chunk = min(min(length - done, klog_state.written - klog_state.read), RING - at);
        if (arch_copy_out(buffer + done, &klog_state.ring[at], chunk) < 0)
            return done ? (int)done : -EFAULT;
        klog_state.read += chunk;
        done += chunk;
    }
    return (int)done;
}

static int log_write(uint32_t buffer, uint32_t length)
{
    char text[32]; /* some thousand instructions */

    length = min(length, sizeof(text));
    if (arch_copy_in(text, buffer, length) < 0)
        return -EFAULT;
    for (uint32_t i = 0; i < length; i++)
        klog_put(text[i]);
    return (int)length;
}

static int log_bind(uint32_t portal_handle, uint32_t bits)
{
    int error;
    struct entry *portal = handle_get(portal_handle, IRIS_TYPE_PORTAL, IRIS_RIGHT_NOTIFY, &error);

    if (!portal)
        return error;
    notify_keep(&klog_state.logger, portal);
    klog_state.bits = bits;
    cpu.attention |= CPU_LOG; /* of what is there already */
    return 0;
}

int sys_kernel_log(uint32_t kernel, uint32_t operation, uint32_t buffer, uint32_t length)
{
    int error;

    if (!handle_get(kernel, IRIS_TYPE_KERNEL, IRIS_RIGHT_CONTROL, &error))
        return error;
    switch (operation) {
    case IRIS_LOG_READ:
        return log_read(buffer, length);
    case IRIS_LOG_WRITE:
        return log_write(buffer, length);
    case IRIS_LOG_SILENT:
        klog_state.silent = true;
        return 0;
    case IRIS_LOG_BIND:
        return log_bind(buffer, length);
    default:
        return -EINVAL;
    }
}
