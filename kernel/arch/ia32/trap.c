/* SPDX-License-Identifier: MIT */
/* What the stubs call: exceptions sorted, the core's entries, and the way out of the kernel. */
#include "ia32.h"
#include "sched.h"
#include "thread.h"

#ifdef DEBUG
static struct {
    uint32_t at;    /* TSC */
    uint32_t place; /* struct iris_stats */
} entered;
#endif

/* ---- Frame of every slow entry ---- */

static void entry_begins(const struct frame *frame)
{
#ifdef DEBUG
    uint32_t call = frame->vector == IRIS_GATE_CALL ? frame->eax & 0xffff : 0;
    entered.place = frame->vector << 16 | call;
    entered.at = (uint32_t)arch_cycles();
#else
    (void)frame;
#endif
}

/* The longest stretch with interrupts off, as far as C sees it; but for the audit, a tool for
 * tests.
 */
void entry_ends(void)
{
#ifdef DEBUG
    uint32_t stretch = entered.at ? (uint32_t)arch_cycles() - entered.at : 0; /* 0: booting */
    bool audit = entered.place == (IRIS_GATE_CALL << 16 | IRIS_CALL_TRACE_CONTROL);
    if (stretch > cpu.stats.irq_off_max && !audit) {
        cpu.stats.irq_off_max = stretch;
        cpu.stats.irq_off_place = entered.place;
    }
#endif
}

static void entry_leave(void)
{
    sched_leave();
#ifdef DEBUG
    const struct frame *frame = &thread_current()->frame;
    assert(frame->cs == IRIS_USER_CS && frame->ss == IRIS_USER_DS);
    assert((frame->eflags & ~0x254dd5u) == EFLAGS_USER); /* user flags: no IOPL, no VM */
#endif
    entry_ends();
}

void entry_call(struct frame *frame)
{
    entry_begins(frame);
    syscall_enter(frame);
    entry_leave();
}

/* Both doors; the stubs have made a frame that returns to the vDSO. */
void entry_ipc(struct frame *frame)
{
    struct thread *thread = thread_current();
    entry_begins(frame);
    if (thread->hot.flags & THREAD_STEPPED)
        frame->eflags |= EFLAGS_TF;
    ipc_enter(thread);
    entry_leave();
}

void entry_irq(struct frame *frame)
{
    unsigned line = frame->vector - VECTOR_IRQ;
    entry_begins(frame);
    if (!pic_begin(line))
        cpu.stats.interrupts++; /* spurious: it only counts */
    else if (line == 0)
        sched_tick();
    else
        irq_enter(line);
    entry_leave();
}

/* ---- Exceptions in user mode ---- */

/*
 * `selectors_reset`: a data segment register held something else than it should, perhaps left by
 * another thread that the fast path came from. It has been put right by the stub, so what looks
 * like a fault of it (#NP, #SS, #GP, #PF) is tried once more.
 */
void entry_exception(struct frame *frame, bool selectors_reset)
{
    struct thread *thread = thread_current();
    entry_begins(frame);
    if (frame->vector == VECTOR_NO_FPU)
        fpu_load(thread);
    else if (selectors_reset && frame->vector >= VECTOR_NO_SEGMENT && frame->vector <= VECTOR_PAGE)
        ; /* once more */
    else if (frame->vector == VECTOR_PAGE)
        fault_page(thread, cr2_read(), frame->error);
    else
        fault_exception(thread, frame->vector, frame->error);
    entry_leave();
}

/* ---- Exceptions in the kernel ---- */

/* Where a backtrace begins, if not in arch_backtrace() itself. */
static struct {
    uint32_t ip, frame;
} interrupted;

static const char *exception_name(unsigned vector)
{
    static const char *const names[] = {
        "divide error",
        "debug",
        "NMI",
        "breakpoint",
        "overflow",
        "bound",
        "invalid opcode",
        "no FPU",
        "double fault",
        "FPU overrun",
        "invalid TSS",
        "segment not present",
        "stack fault",
        "general protection",
        "page fault",
        "reserved",
        "FPU error",
        "alignment check",
        "machine check",
        "SIMD error",
    };
    return vector < countof(names) ? names[vector] : "exception";
}

void entry_kernel_exception(struct frame *frame)
{
    uint32_t address = cr2_read();
    bool copying = frame->eip >= (uint32_t)copy_begin && frame->eip < (uint32_t)copy_end;

    if (frame->vector == VECTOR_PAGE && copying && address < IRIS_USER_TOP) {
        frame->eip = (uint32_t)copy_fixup;
        return;
    }
    interrupted.ip = frame->eip;
    interrupted.frame = frame->ebp;
    panic("%s (vector %u, error %x) in the kernel at %08x, address %08x\n"
          "eax %08x ebx %08x ecx %08x edx %08x\n"
          "esi %08x edi %08x ebp %08x esp %08x\n"
          "cs %x eflags %08x cr3 %08x thread %08x",
          exception_name(frame->vector), frame->vector, frame->error, frame->eip, address,
          frame->eax, frame->ebx, frame->ecx, frame->edx, frame->esi, frame->edi, frame->ebp,
          (uint32_t)&frame->esp, frame->cs, frame->eflags, cr3_read(),
          (uint32_t)arch_current_page());
}

/* In a task of its own; the other task's registers are in its TSS. */
void entry_double_fault(void)
{
    const struct ia32_tss_page *tss = &ia32_tss;
    interrupted.ip = tss->eip;
    interrupted.frame = tss->ebp;
    panic("double fault at %08x, address %08x\n"
          "eax %08x ebx %08x ecx %08x edx %08x\n"
          "esi %08x edi %08x ebp %08x esp %08x\n"
          "cs %x ds %x es %x eflags %08x thread %08x",
          tss->eip, cr2_read(), tss->eax, tss->ebx, tss->ecx, tss->edx, tss->esi, tss->edi,
          tss->ebp, tss->esp, tss->cs, tss->ds, tss->es, tss->eflags,
          (uint32_t)arch_current_page());
}

/* ---- Backtrace: frame pointers, as long as they climb inside one stack page ---- */

static bool is_on_page(uint32_t address, uint32_t page)
{
    return address >= page && address <= page + PAGE_SIZE - 8 && !(address & 3);
}

void arch_backtrace(void (*print)(uint32_t address))
{
    uint32_t frame = (uint32_t)__builtin_frame_address(0);
    if (interrupted.ip) {
        print(interrupted.ip);
        frame = interrupted.frame;
    }
    uint32_t page = frame & ~(PAGE_SIZE - 1u);
    if (frame - ARCH_DIRECT_MAP >= arch_direct_map_end)
        return;
    while (is_on_page(frame, page)) {
        const uint32_t *link = (const uint32_t *)frame;
        if (link[1] < (uint32_t)kernel_start || link[1] >= (uint32_t)kernel_end)
            break;
        print(link[1]);
        if (link[0] <= frame)
            break;
        frame = link[0];
    }
}
