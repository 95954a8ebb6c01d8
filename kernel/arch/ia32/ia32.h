/* SPDX-License-Identifier: MIT */
/* What the files of this folder share, and nobody else sees. */
#ifndef IA32_H
#define IA32_H

#include "arch.h"

/* ---- Kernel addresses above the direct map ---- */

#define SPACE_REGION 0xff800000u  /* differs from space to space: space->kernel_table */
#define SHARED_REGION 0xffc00000u /* one page table for all spaces */
#define WINDOW_PAGE SHARED_REGION /* arch_page_window() */

/* Pages of the region: the TSS, the I/O bitmap, then a page of ones (SDM 1 19.5.2: the processor
   reads the byte after the bitmap too). */
#define REGION_TSS 0
#define REGION_IO 1
#define REGION_IO_PAGES 2
#define REGION_IO_END 3
#define REGION_HANDLES ((ARCH_HANDLE_TABLE - SPACE_REGION) >> PAGE_SHIFT)
#define HANDLE_PAGES (IRIS_HANDLE_LIMIT / ENTRIES_PER_PAGE)

#define TSS_OFFSET 128u /* in its page; scratch for #DB and NMI lies below */
#define TSS_IO_MAP ((REGION_IO << PAGE_SHIFT) - TSS_OFFSET)
#define TSS_LIMIT ((REGION_IO_END << PAGE_SHIFT) - TSS_OFFSET) /* bitmap and one byte */

/* ---- Segments ---- */

#define SELECTOR_KERNEL_CS 0x08
#define SELECTOR_KERNEL_DS 0x10
#define SELECTOR_TSS 0x30
#define SELECTOR_DOUBLE_FAULT 0x38

/* ---- Vectors ---- */

enum {
    VECTOR_BREAKPOINT = 3,
    VECTOR_OVERFLOW = 4,
    VECTOR_NO_FPU = 7,
    VECTOR_DOUBLE_FAULT = 8,
    VECTOR_NO_SEGMENT = 11,
    VECTOR_PAGE = 14,
    VECTOR_IRQ = 0x20,
    VECTOR_END = IRIS_GATE_IPC + 1,
};

/* ---- Registers ---- */

#define CR0_MP 0x2u
#define CR0_EM 0x4u
#define CR0_TS 0x8u
#define CR0_NE 0x20u
#define CR0_AM 0x40000u
#define CR0_BOOT (0x80010001u | CR0_MP | CR0_TS | CR0_NE) /* PG, WP, PE */
#define CR4_PSE 0x10u
#define CR4_PGE 0x80u
#define CR4_OSFXSR 0x200u
#define CR4_OSXMMEXCPT 0x400u

#define MSR_TSC 0x10
#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176

/* Page table entries (SDM 3A 4.3) */
#define PTE_PRESENT 0x1u
#define PTE_WRITE 0x2u
#define PTE_USER 0x4u
#define PDE_LARGE 0x80u
#define PTE_GLOBAL 0x100u
#define PTE_FLAGS 0xfffu

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

#define CONTROL_REGISTER_READ(name)                                                                \
    static inline uint32_t name##_read(void)                                                       \
    {                                                                                              \
        uint32_t value;                                                                            \
        __asm__ volatile("movl %%" #name ", %0" : "=r"(value));                                    \
        return value;                                                                              \
    }
#define CONTROL_REGISTER(name)                                                                     \
    CONTROL_REGISTER_READ(name)                                                                    \
    static inline void name##_write(uint32_t value)                                                \
    {                                                                                              \
        __asm__ volatile("movl %0, %%" #name ::"r"(value) : "memory");                             \
    }
CONTROL_REGISTER(cr0)
CONTROL_REGISTER_READ(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)

static inline void msr_write(uint32_t number, uint32_t value)
{
    __asm__ volatile("wrmsr" ::"c"(number), "a"(value), "d"(0));
}

static inline void page_flush(uint32_t address)
{
    __asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}

/* ---- start.asm: linker script and first page directory ---- */

extern uint8_t kernel_start[], kernel_end[];
extern uint32_t boot_directory[1024]; /* the idle thread's; its upper half is everybody's */

/* ---- entry.asm, fastpath.asm, copy.asm, image.asm ---- */

extern const uint32_t entry_stubs[VECTOR_END]; /* 0: no gate */
void double_fault_entry(void);
void sysenter_fast(void);
void call_fast(void), stub_call(void);
void call_gate_set(void (*entry)(void)); /* where kernel calls enter */
void sysenter_slow(void);
extern uint32_t nmi_count;
/* 0 or -EFAULT. Both addresses are used as they are. */
int copy_tolerant(void *to, const void *from, size_t bytes);
extern uint8_t copy_begin[], copy_end[], copy_fixup[];
_Noreturn void idle_wait(struct frame *stack);
extern uint8_t vdso_image[], vdso_image_end[]; /* whole pages */

/* ---- C called by the stubs ---- */

void entry_call(struct frame *frame);
void entry_ipc(struct frame *frame);
void entry_irq(struct frame *frame);
void entry_exception(struct frame *frame, bool selectors_reset);
void entry_kernel_exception(struct frame *frame);
void entry_ends(void); /* before the kernel is left, to idle too */
_Noreturn void entry_double_fault(void);

/* ---- Between the C files ---- */

extern uint32_t cpu_features; /* IRIS_FEATURE_* of the processor */

void paging_init(uint64_t memory_end);
void segments_init(void);
void idle_init(void);
void fpu_init(void);
void fpu_load(struct thread *thread); /* #NM: makes it the owner of the FPU */
void pic_init(void);
bool pic_begin(unsigned line); /* masks and ends; false: spurious */
void clock_init(uint64_t start);
_Noreturn void boot_fail(const char *why, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void boot_start(uint32_t magic, uint32_t information);

#endif
