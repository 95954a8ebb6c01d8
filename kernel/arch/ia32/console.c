/* SPDX-License-Identifier: MIT */
/* The early console: write-only, polled, COM1. start.asm has set the line up. */
#include "ia32.h"
#include "klog.h"

#define COM1 0x3f8
#define LINE_STATUS (COM1 + 5)
#define TRANSMITTER_EMPTY 0x20u
#define LINE_IDLE 0x40u
#define PATIENCE 20000000u /* polls, about 20 s, until the line counts as broken */

/*
 * An absent line reads as all ones: always empty. An emulator's line stands still while nobody on
 * the host reads it; whoever gives up on it early loses what was to be said, so that takes long.
 */
static void put_raw(uint8_t byte)
{
    static bool broken;
    for (unsigned polls = 0; !broken && !(inb(LINE_STATUS) & TRANSMITTER_EMPTY); polls++)
        broken = polls > PATIENCE;
    outb(COM1, byte);
}

void arch_console_put(char c)
{
    if (c == '\n')
        put_raw('\r');
    put_raw((uint8_t)c);
}

static _Noreturn void stop(void)
{
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

/* Before there is a kernel log or an option: a machine that Iris cannot run on. */
void boot_fail(const char *why, ...)
{
    va_list arguments;

    klog_direct("\nIris cannot boot: ");
    va_start(arguments, why);
    klog_format(arch_console_put, why, arguments);
    va_end(arguments);
    klog_direct("\n");
    stop();
}

void arch_halt(void)
{
    if (boot_option("panic=", "exit")) {
        /* The last byte must be on the line before an emulator goes. */
        for (unsigned polls = 0; polls < PATIENCE && !(inb(LINE_STATUS) & LINE_IDLE); polls++)
            ;
        outb(0xf4, 0x7f); /* QEMU's isa-debug-exit */
        for (const char *c = "Shutdown"; *c; c++)
            outb(0x8900, (uint8_t)*c); /* Bochs */
    }
    stop();
}
