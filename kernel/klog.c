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

/* ---- Formatting: %s %c %d %u %x %p %%, with 0, width, and ll ---- */

static void put_number(void (*put)(char), bool negative, uint64_t value, unsigned base, int width,
                       char pad)
{
    char digits[24];
    int count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative && pad == '0')
        put('-');
    for (int i = count + negative; i < width; i++)
        put(pad);
    if (negative && pad != '0')
        put('-');
    while (count > 0)
        put(digits[--count]);
}

static void put_string(void (*put)(char), const char *string, int width)
{
    if (!string)
        string = "(null)";
    for (; *string; string++, width--)
        put(*string);
    for (; width > 0; width--)
        put(' ');
}

static void put_signed(void (*put)(char), int64_t value, int width, char pad)
{
    put_number(put, value < 0, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, width, pad);
}

void klog_format(void (*put)(char), const char *format, va_list arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        char pad = *++format == '0' ? '0' : ' ';
        int width = 0, longs = 0;
        for (; *format >= '0' && *format <= '9'; format++)
            width = width * 10 + *format - '0';
        for (; *format == 'l'; format++)
            longs++;
        switch (*format) {
        case 's':
            put_string(put, va_arg(arguments, const char *), width);
            break;
        case 'c':
            put((char)va_arg(arguments, int));
            break;
        case 'd':
            put_signed(put, longs == 2 ? va_arg(arguments, int64_t) : va_arg(arguments, int), width,
                       pad);
            break;
        case 'p':
            put_number(put, false, va_arg(arguments, uintptr_t), 16, 8, '0');
            break;
        case 'u':
        case 'x':
            put_number(put, false,
                       longs == 2 ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t),
                       *format == 'x' ? 16 : 10, width, pad);
            break;
        case '\0':
            return;
        default:
            put(*format);
        }
    }
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

/* [seconds.microseconds] */
static void stamp(void)
{
    uint64_t us = arch_now() / 1000;

    ring_put('[');
    put_number(ring_put, false, us / 1000000, 10, 5, ' ');
    ring_put('.');
    put_number(ring_put, false, us % 1000000, 10, 6, '0');
    ring_put(']');
    ring_put(' ');
}

static void line_put(char c)
{
    if (!klog_state.line_started) {
        klog_state.line_started = true;
        stamp();
    }
    ring_put(c);
    if (c == '\n')
        klog_state.line_started = false;
}

void klog(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    klog_format(line_put, format, arguments);
    va_end(arguments);
}

void klog_direct(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    klog_format(arch_console_put, format, arguments);
    va_end(arguments);
}

void klog_init(void)
{
    klog_state.logger.object = &dead_object;
    klog_state.logger.port = &dead_port;
}

void klog_deliver(void)
{
    cpu.attention &= ~CPU_LOG;
    if (klog_state.logger.type == IRIS_TYPE_PORTAL)
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
        line_put(text[i]);
    return (int)length;
}

static int log_bind(uint32_t portal_handle, uint32_t bits)
{
    int error;
    struct entry *portal = handle_get(portal_handle, IRIS_TYPE_PORTAL, IRIS_RIGHT_NOTIFY, &error);

    if (!portal)
        return error;
    entry_clear(&klog_state.logger);
    entry_copy(&klog_state.logger, portal, IRIS_RIGHT_NOTIFY | IRIS_RIGHT_CONTROL);
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
