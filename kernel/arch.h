/* SPDX-License-Identifier: MIT */
/*
 * The whole contract between the portable core and a processor. arch/ia32 implements it.
 *
 * Order at start: the architecture's entry code sets up paging, segments, traps, interrupt
 * controller and clock, fills struct boot_info and calls kernel_main(), which never returns.
 */
#ifndef ARCH_H
#define ARCH_H

#include "object.h"

/* struct frame (saved user registers), struct arch_fpu, arch_current_page(), arch_phys_to_virt()
   and friends; the one header of the architecture the core sees. */
#include <arch_types.h>

struct thread;

/* ---- What the boot loader gave us (portable form) ---- */

struct boot_range {
    uint64_t start, end; /* bytes */
};
#define BOOT_RANGES 32

struct boot_info {
    struct boot_range memory[BOOT_RANGES]; /* usable RAM, page-aligned, ascending, disjoint */
    unsigned memory_count;
    struct boot_range kernel;  /* physical extent of the kernel image */
    struct boot_range root;    /* module "root": the first program */
    struct boot_range archive; /* module "archive" */
};

_Noreturn void kernel_main(struct boot_info *boot);
/* The value of a word of the command line: option("fastpath=", "on"). */
bool boot_option(const char *name, const char *value);

/* ---- Entries: called by the architecture's stubs on the running thread's stack ---- */

/* Each returns normally; the stub then calls sched_leave() and loads the frame of whatever
   thread is current by then. */
void syscall_enter(struct frame *frame); /* kernel-call gate */
void ipc_enter(struct thread *thread);   /* SYSENTER beyond the fast path, IPC gate */
void fault_page(struct thread *thread, uint32_t address, uint32_t error);
void fault_exception(struct thread *thread, unsigned vector, uint32_t error);
void irq_enter(unsigned line); /* device interrupt; line already masked */
/* (timer interrupt: the stub calls sched_tick()) */

/* ---- Threads ---- */

void arch_thread_init(struct thread *thread); /* zeroed frame, FPU: a clean user state */
/* User state of a new thread so that it begins in the vDSO's start trampoline. */
void arch_thread_start(struct thread *thread, uint32_t ip, uint32_t sp, uint32_t arg);
/* A kernel call that must be executed again, later: back to the INT instruction. */
void arch_frame_restart(struct frame *frame);
void arch_switch(struct thread *to); /* current thread, page directory, thread pointer, FPU */
_Noreturn void arch_idle(void);      /* wait for an interrupt on the idle stack */
_Noreturn void arch_leave(void);     /* to the current thread's frame; used once, at start */
extern struct thread *const arch_idle_thread;     /* current while idle; belongs to no space */
void arch_fpu_drop(struct thread *thread);        /* it is being destroyed */
void arch_fpu_leave(const struct thread *to);     /* not `to`'s: saved into its thread, locked */
bool arch_fpu_is_valid(const uint8_t image[512]); /* the processor would load it */

/* ---- Memory ---- */

int arch_space_init(struct space *space);  /* page directory, kernel and window tables. -ENOMEM */
void arch_space_free(struct space *space); /* what arch_space_init allocated, after map_reap */
/* Makes `table` (a zeroed page, or NULL to remove) the page table for addresses n << 22. */
void arch_table_set(struct space *space, unsigned n, void *table);
void *arch_table(const struct space *space, unsigned n); /* NULL: none */
/* Sets, changes or removes (flags 0) one user page; its table must exist. Flushes the TLB. Flags
   are ARCH_PAGE_PRESENT, _WRITE, _UNCACHED, as the processor has them (arch_types.h). */
void arch_page_set(struct space *space, uint32_t page, uint32_t frame, uint32_t flags);
extern struct entry arch_dead_page[]; /* filled with unused entries; shared, never written later */
/* Handle table page n: arch_dead_page where none was set. */
struct entry *arch_handle_page(const struct space *space, unsigned n);
int arch_region_make(struct space *space); /* before the first page is set; -ENOMEM */
void arch_handle_page_set(struct space *space, unsigned n, struct entry *page);
/* UTCB page n (8 slots) in the window; NULL: none. */
void *arch_utcb_page(const struct space *space, unsigned n);
void arch_utcb_page_set(struct space *space, unsigned n, void *page);
/* Lets the space use I/O ports, below 65536; allocates its bitmap. -ENOMEM */
int arch_io_permit(struct space *space, uint32_t first, uint32_t count);

/* Fault-tolerant copies between the kernel and the current space's user memory. 0 or -EFAULT; what
   was copied before the fault stays copied. Addresses at or above IRIS_USER_TOP give EFAULT. */
int arch_copy_in(void *to, uint32_t user, size_t bytes);
int arch_copy_out(uint32_t user, const void *from, size_t bytes);
/* A kernel address for a physical page, valid until the next call (it may be beyond the direct
   map). */
void *arch_page_window(uint32_t frame);

/* ---- Interrupts, time ---- */

#define ARCH_IRQ_LINES 16
void arch_irq_mask(unsigned line);
void arch_irq_unmask(unsigned line);
bool arch_irq_usable(unsigned line); /* false: timer, cascade */
bool arch_interrupt_waits(void);     /* an unmasked one */
/* One waits, or this stay in the kernel was long: loops break off and let the call restart. */
bool arch_interrupt_pending(void);
void arch_stay_begins(void);
uint64_t arch_ns_to_cycles(uint64_t ns);
uint64_t arch_cycles_to_ns(uint64_t cycles);
uint64_t arch_now(void);              /* ns since boot, same as the vDSO's clock */
void arch_timer_arm(uint64_t cycles); /* one interrupt after so many. May fire early */

/* ---- Console and the end ---- */

void arch_console_put(char c);  /* early serial output, polled */
_Noreturn void arch_halt(void); /* after a panic; exits the emulator with panic=exit */
/* Calls `print` for each return address, innermost first, of the kernel's stack. */
void arch_backtrace(void (*print)(uint32_t address));

/* ---- The data page and the vDSO ---- */

struct iris_data_page;
extern struct iris_data_page *const arch_data_page;  /* kernel's writable view */
void arch_doors_init(bool sysenter, bool fast_path); /* patches the vDSO's door, sets the MSRs */
/* While tracing every IPC takes the C path. */
void arch_fast_path_enable(bool on);

#endif
