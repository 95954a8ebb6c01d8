/* SPDX-License-Identifier: MIT */
/* The two 8259 interrupt controllers (data sheet 231468). A line is masked before it is ended, so a
   device can interrupt once until the kernel unmasks it. */
#include "ia32.h"

#define MASTER 0x20
#define SLAVE 0xa0
#define CASCADE 2
#define TIMER 0
#define END_OF_INTERRUPT 0x20
#define READ_REQUESTS 0x0a
#define READ_IN_SERVICE 0x0b

static uint16_t masked = 0xffff & ~(1u << CASCADE | 1u << TIMER);

static void mask_write(unsigned line)
{
    if (line < 8)
        outb(MASTER + 1, (uint8_t)masked);
    else
        outb(SLAVE + 1, (uint8_t)(masked >> 8));
}

void pic_init(void)
{
    outb(MASTER, 0x11); /* ICW1: edge triggered, cascade, ICW4 follows */
    outb(SLAVE, 0x11);
    outb(MASTER + 1, VECTOR_IRQ);
    outb(SLAVE + 1, VECTOR_IRQ + 8);
    outb(MASTER + 1, 1 << CASCADE);
    outb(SLAVE + 1, CASCADE);
    outb(MASTER + 1, 1); /* ICW4: 8086 mode */
    outb(SLAVE + 1, 1);
    outb(MASTER, READ_REQUESTS); /* what a read of this port gives from now on */
    outb(SLAVE, READ_REQUESTS);
    mask_write(0);
    mask_write(8);
}

void arch_irq_mask(unsigned line)
{
    assert(line < ARCH_IRQ_LINES);
    masked |= (uint16_t)(1u << line);
    mask_write(line);
}

void arch_irq_unmask(unsigned line)
{
    assert(line < ARCH_IRQ_LINES);
    masked &= (uint16_t) ~(1u << line);
    mask_write(line);
}

bool arch_irq_usable(unsigned line)
{
    return line < ARCH_IRQ_LINES && line != TIMER && line != CASCADE;
}

/*
 * Whether or not an interrupt waits: after so many looks a stay in the kernel ends. So its length
 * is bounded by what was measured, and does not depend on an interrupt being there at the right
 * time.
 */
#define LOOKS_MAX 4

static unsigned looks;

void arch_stay_begins(void) { looks = 0; }

bool arch_interrupt_pending(void) { return ++looks >= LOOKS_MAX || arch_interrupt_waits(); }

bool arch_interrupt_waits(void)
{
    unsigned requests = inb(MASTER) | (unsigned)inb(SLAVE) << 8;
    return requests & ~masked & ~(1u << CASCADE);
}

/* The last line of a controller also stands for "whatever it was is gone". */
static bool is_spurious(unsigned line)
{
    uint16_t controller = line < 8 ? MASTER : SLAVE;
    if (line % 8 != 7)
        return false;
    outb(controller, READ_IN_SERVICE);
    bool served = inb(controller) & 1u << 7;
    outb(controller, READ_REQUESTS);
    if (!served && controller == SLAVE)
        outb(MASTER, END_OF_INTERRUPT); /* the cascade line was real */
    return !served;
}

bool pic_begin(unsigned line)
{
    if (is_spurious(line))
        return false;
    if (line != TIMER)
        arch_irq_mask(line);
    if (line >= 8)
        outb(SLAVE, END_OF_INTERRUPT);
    outb(MASTER, END_OF_INTERRUPT);
    return true;
}
