/* SPDX-License-Identifier: MIT */
/* The kernel's log: a ring that a user-space logger drains, and the early console. */
#ifndef KLOG_H
#define KLOG_H

#include <stdarg.h>

#include "kernel.h"

void klog_deliver(void); /* tells the logger about new lines; called on leaving the kernel */
/* For the panic screen: straight to the console. */
#define klog_direct(...) klog_print(arch_console_put, __VA_ARGS__)
void klog_format(void (*put)(char), const char *format, va_list arguments);

#endif
