/* SPDX-License-Identifier: MIT */
/* Segment and interrupt descriptors, task state segments (SDM 3A 3.4, 6.11, 7.2). */
#include "ia32.h"
#include "thread.h"

struct descriptor {
    uint32_t low, high;
};

struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

#define SEGMENT_CODE 0x9bu /* present, readable, accessed */
#define SEGMENT_DATA 0x93u /* present, writable, accessed */
#define SEGMENT_READ 0x91u
#define SEGMENT_TSS 0x89u
#define SEGMENT_USER 0x60u
#define SEGMENT_FLAT 0xcu /* 32 bits, limit in pages */
#define SEGMENT_BYTES 0x4u
#define GATE_TASK 0x85u
#define GATE_INTERRUPT 0x8eu

struct ia32_tss_page ia32_tss;

static struct ia32_tss_page double_fault_tss; /* its scratch is not used */
static struct descriptor gdt[8];
static struct descriptor idt[VECTOR_END];

extern uint8_t boot_stack_end[];

static struct descriptor segment(uint32_t base, uint32_t limit, uint32_t type, uint32_t size)
{
    return (struct descriptor){
        .low = base << 16 | (limit & 0xffff),
        .high = (base & 0xff000000u) | size << 20 | (limit & 0xf0000u) | type << 8 |
                (base >> 16 & 0xff),
    };
}

static struct descriptor gate(uint16_t selector, uint32_t address, uint32_t type)
{
    return (struct descriptor){
        .low = (uint32_t)selector << 16 | (address & 0xffff),
        .high = (address & 0xffff0000u) | type << 8,
    };
}

static void gdt_fill(void)
{
    uint32_t tss = SPACE_REGION + TSS_OFFSET;
    uint32_t fault = (uint32_t)&double_fault_tss.link;

    gdt[SELECTOR_KERNEL_CS >> 3] = segment(0, 0xfffff, SEGMENT_CODE, SEGMENT_FLAT);
    gdt[SELECTOR_KERNEL_DS >> 3] = segment(0, 0xfffff, SEGMENT_DATA, SEGMENT_FLAT);
    gdt[IRIS_USER_CS >> 3] = segment(0, 0xfffff, SEGMENT_CODE | SEGMENT_USER, SEGMENT_FLAT);
    gdt[IRIS_USER_DS >> 3] = segment(0, 0xfffff, SEGMENT_DATA | SEGMENT_USER, SEGMENT_FLAT);
    gdt[IRIS_USER_GS >> 3] =
        segment(IRIS_THREAD_POINTER_WORD, 3, SEGMENT_READ | SEGMENT_USER, SEGMENT_BYTES);
    gdt[SELECTOR_TSS >> 3] = segment(tss, TSS_LIMIT, SEGMENT_TSS, 0);
    gdt[SELECTOR_DOUBLE_FAULT >> 3] = segment(fault, 103, SEGMENT_TSS, 0);
}

static void idt_fill(void)
{
    for (unsigned vector = 0; vector < VECTOR_END; vector++) {
        bool user = vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW ||
                    vector == IRIS_GATE_CALL || vector == IRIS_GATE_IPC;
        if (entry_stubs[vector])
            idt[vector] = gate(SELECTOR_KERNEL_CS, entry_stubs[vector],
                               GATE_INTERRUPT | (user ? SEGMENT_USER : 0));
    }
    idt[VECTOR_DOUBLE_FAULT] = gate(SELECTOR_DOUBLE_FAULT, 0, GATE_TASK);
}

void call_gate_set(void (*entry)(void))
{
    idt[IRIS_GATE_CALL] = gate(SELECTOR_KERNEL_CS, (uint32_t)entry, GATE_INTERRUPT | SEGMENT_USER);
}

static void tss_fill(void)
{
    ia32_tss.esp0 = &arch_idle_thread->hot;
    ia32_tss.ss0 = SELECTOR_KERNEL_DS;
    ia32_tss.io_map = TSS_IO_MAP;

    double_fault_tss.cr3 = arch_virt_to_phys(boot_directory);
    double_fault_tss.eip = (uint32_t)double_fault_entry;
    double_fault_tss.eflags = 2;
    double_fault_tss.esp = (uint32_t)boot_stack_end;
    double_fault_tss.cs = SELECTOR_KERNEL_CS;
    double_fault_tss.ss = SELECTOR_KERNEL_DS;
    double_fault_tss.ds = double_fault_tss.es = IRIS_USER_DS;
    double_fault_tss.fs = IRIS_USER_DS;
    double_fault_tss.gs = IRIS_USER_GS;
    double_fault_tss.io_map = 104;
}

void segments_init(void)
{
    gdt_fill();
    idt_fill();
    tss_fill();

    struct table_register gdtr = {sizeof(gdt) - 1, (uint32_t)gdt};
    struct table_register idtr = {sizeof(idt) - 1, (uint32_t)idt};
    __asm__ volatile("lgdt %0\n\t"
                     "lidt %1\n\t"
                     "ljmp %2, $1f\n"
                     "1:\n\t"
                     "movl %3, %%ss\n\t"
                     "movl %4, %%ds\n\t"
                     "movl %4, %%es\n\t"
                     "movl %4, %%fs\n\t"
                     "movl %5, %%gs\n\t"
                     "lldt %w6\n\t"
                     "ltr %w7"
                     :
                     : "m"(gdtr), "m"(idtr), "i"(SELECTOR_KERNEL_CS), "r"(SELECTOR_KERNEL_DS),
                       "r"(IRIS_USER_DS), "r"(IRIS_USER_GS), "r"(0), "r"(SELECTOR_TSS)
                     : "memory");
}
