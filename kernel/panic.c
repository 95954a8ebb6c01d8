/* SPDX-License-Identifier: MIT */
/* The end: what happened, where, and what state the kernel's structures are in. */
#include "arch.h"
#include "audit.h"
#include "klog.h"
#include "sched.h"
#include "space.h"

/* The kernel's own symbol table, linked in by tools/symtab.py: sorted by address. */
struct kernel_symbol {
    uint32_t address, name;
};
extern const struct kernel_symbol kernel_symbols[];
extern const uint32_t kernel_symbol_count;
extern const char kernel_symbol_names[];

static unsigned depth;

static void print_frame(uint32_t address)
{
    uint32_t low = 0, high = kernel_symbol_count;

    klog_direct("  #%u 0x%08x ", depth++, address);
    while (low < high) { /* the last symbol at or below the address */
        uint32_t middle = (low + high) / 2;
        if (kernel_symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0)
        klog_direct("%s+0x%x", &kernel_symbol_names[kernel_symbols[low - 1].name],
                    address - kernel_symbols[low - 1].address);
    klog_direct("\n");
}

static void print_thread(const struct thread *thread)
{
    if (thread == arch_idle_thread)
        klog_direct("idle\n");
    else
        klog_direct("thread %u of space %u, user ip 0x%08x sp 0x%08x\n", thread->object.id,
                    thread->space->object.id, frame_ip(&thread->frame), frame_sp(&thread->frame));
}

void panic(const char *format, ...)
{
    static bool again;
    va_list arguments;

    klog_direct("\nPANIC: ");
    va_start(arguments, format);
    klog_format(arch_console_put, format, arguments);
    va_end(arguments);
    klog_direct("\n");
    if (!again) { /* a panic inside the panic screen ends it */
        again = true;
        print_thread(thread_current());
        arch_backtrace(print_frame);
        struct iris_audit counts;
        bool sound = audit_to(arch_console_put, &counts);
        klog_direct("audit %s: spaces=%u threads=%u ports=%u portals=%u handles=%u mappings=%u "
                    "kernel_pages=%u\n",
                    sound ? "ok" : "FAILED", counts.spaces, counts.threads, counts.ports,
                    counts.portals, counts.handles, counts.mappings, counts.kernel_pages);
    }
    klog_direct("PANIC end\n");
    arch_halt();
}
