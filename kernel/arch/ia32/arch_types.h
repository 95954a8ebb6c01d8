/* SPDX-License-Identifier: MIT */
/*
 * IA-32's answer to what arch.h leaves open. Included by arch.h alone; nothing else of this folder
 * is known to the portable core.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <iris/state.h>
#include <vdso_offsets.h>

struct thread_hot;

/* ---- Saved user registers ---- */

/*
 * What every entry leaves at the top of the running thread's stack: PUSHAD, the stub's two words,
 * and what the processor pushes (SDM 3A 6.12.1). Entries from the kernel itself (the idle loop, a
 * fault while copying user memory) have no `esp` and `ss`.
 */
struct frame {
    uint32_t edi, esi, ebp, esp_unused, ebx, edx, ecx, eax;
    uint32_t vector, error;
    uint32_t eip, cs, eflags, esp, ss;
};
_Static_assert(sizeof(struct frame) == 60, "the stubs build 15 words");

/* Kernel calls: EAX number, EBX ECX EDX ESI EDI EBP arguments; EAX result. */
static inline uint32_t frame_call_number(const struct frame *frame) { return frame->eax; }

static inline uint32_t *frame_argument(struct frame *frame, unsigned n)
{
    return n == 0   ? &frame->ebx
           : n == 1 ? &frame->ecx
           : n == 2 ? &frame->edx
           : n == 3 ? &frame->esi
           : n == 4 ? &frame->edi
                    : &frame->ebp;
}

static inline void frame_set_result(struct frame *frame, int result)
{
    frame->eax = (uint32_t)result;
}

/* IPC: EAX operation, then badge; EBP tag; EBX ESI EDI words 0-2. */
static inline uint32_t frame_operation(const struct frame *frame) { return frame->eax; }
static inline uint32_t frame_tag(const struct frame *frame) { return frame->ebp; }

static inline uint32_t *frame_word(struct frame *frame, unsigned n)
{
    return n == 0 ? &frame->ebx : n == 1 ? &frame->esi : &frame->edi;
}

static inline void frame_set_badge(struct frame *frame, uint32_t badge) { frame->eax = badge; }
static inline void frame_set_tag(struct frame *frame, uint32_t tag) { frame->ebp = tag; }

static inline uint32_t frame_ip(const struct frame *frame) { return frame->eip; }
static inline uint32_t frame_sp(const struct frame *frame) { return frame->esp; }

static inline void frame_copy_words(struct frame *to, const struct frame *from)
{
    to->ebx = from->ebx;
    to->esi = from->esi;
    to->edi = from->edi;
}

/* The registers a fault message carries; vector, error, address and thread are the caller's. */
static inline void frame_describe(const struct frame *frame, struct iris_exception *exception)
{
    exception->ip = frame->eip;
    exception->sp = frame->esp;
    exception->flags = frame->eflags;
    exception->eax = frame->eax;
    exception->ebx = frame->ebx;
    exception->ecx = frame->ecx;
    exception->edx = frame->edx;
    exception->esi = frame->esi;
    exception->edi = frame->edi;
    exception->ebp = frame->ebp;
}

#define EFLAGS_USER 0x202u /* IF and the bit that is always set (SDM 1 3.4.3) */
#define EFLAGS_TF 0x100u
#define EFLAGS_IF 0x200u

static inline void frame_user(struct frame *frame)
{
    frame->cs = IRIS_USER_CS;
    frame->ss = IRIS_USER_DS;
    frame->eflags = EFLAGS_USER;
}

/*
 * The thread resumes at the vDSO's IPC return point, its message registers as they are set here.
 * `trap`: 0, or EFLAGS_TF to go on single-stepping. ECX and EDX keep what the thread itself had in
 * them at some time.
 */
/* Of messages: whole words, often few. */
static inline void arch_copy_words(uint32_t *to, const uint32_t *from, unsigned words)
{
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

static inline void frame_ipc_return(struct frame *frame, uint32_t user_sp, uint32_t trap)
{
    frame_user(frame);
    frame->eflags |= trap;
    frame->eip = IRIS_VDSO_BASE + VDSO_IPC_RETURN;
    frame->esp = user_sp;
}

/* The thread executes the IPC in its registers again, at the door itself. */
static inline void frame_ipc_again(struct frame *frame, uint32_t user_sp, uint32_t trap)
{
    frame_ipc_return(frame, user_sp, trap);
    frame->eip = IRIS_VDSO_BASE + VDSO_IPC_DOOR;
    frame->ecx = user_sp; /* SYSENTER's */
}

/* What user mode may change in EFLAGS, but NT: RF, AC, ID and the status flags (SDM 1 3.4.3). */
#define EFLAGS_WRITABLE 0x250dd5u
#define EFLAGS_RESERVED 0xffc08028u

/* state.c: registers as others see them are a frame, and more. */
_Static_assert(offsetof(struct iris_registers, thread_pointer) == sizeof(struct frame) &&
                   offsetof(struct iris_registers, sp) == offsetof(struct frame, esp),
               "struct iris_registers begins with a frame");

static inline bool frame_check(const struct iris_registers *from)
{
    return from->ip < IRIS_USER_TOP && from->cs == IRIS_USER_CS && from->ss == IRIS_USER_DS &&
           !(from->flags & EFLAGS_RESERVED);
}

static inline void frame_write(struct frame *frame, const struct iris_registers *from)
{
    memcpy(frame, from, sizeof(*frame));
    frame->eflags = (from->flags & EFLAGS_WRITABLE) | EFLAGS_USER;
}

/* ---- Threads ---- */

/* FXSAVE's image, or FNSAVE's in its first 108 bytes. */
struct arch_fpu {
    uint8_t image[512];
} __attribute__((aligned(16)));

/*
 * The page of the task state segment. #DB and NMI can strike at the SYSENTER entry, when ESP is
 * &esp0: their frames go to the words below it.
 */
struct ia32_tss_page {
    uint32_t scratch[32];
    uint32_t link;
    struct thread_hot *esp0; /* the running thread's hot block */
    uint32_t ss0, esp1, ss1, esp2, ss2, cr3;
    uint32_t eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_map;
} __attribute__((aligned(4096)));
extern struct ia32_tss_page ia32_tss;

/* The page of the running thread. */
static inline void *arch_current_page(void)
{
    return (void *)((uintptr_t)ia32_tss.esp0 & ~(uintptr_t)(IRIS_PAGE_SIZE - 1));
}

/* ---- Memory ---- */

/* Low physical memory is mapped here, with the kernel in it. */
#define ARCH_DIRECT_MAP 0xc0000000u
#define ARCH_DIRECT_MAP_MAX 0x38000000u /* 896 MiB */

/* Every space's handle table appears here, each in its own page directory. */
#define ARCH_HANDLE_TABLE 0xffa00000u

/* The current space's entry of a handle below IRIS_HANDLE_LIMIT, by its address in every space: for
   looking only, as entries know each other by their addresses in the direct map. */
static inline const struct entry *arch_handle_look(uint32_t handle)
{
    return (const struct entry *)ARCH_HANDLE_TABLE + handle;
}

/* Flags of a user page, bits of its page table entry (SDM 3A 4.3). */
#define ARCH_PAGE_PRESENT 0x05u /* P, U/S */
#define ARCH_PAGE_WRITE 0x02u
#define ARCH_PAGE_UNCACHED 0x18u /* PCD, PWT */

/* First physical address that the direct map does not reach. */
extern uint32_t arch_direct_map_end;

static inline void *arch_phys_to_virt(uint32_t physical)
{
    return (void *)(physical + ARCH_DIRECT_MAP);
}
static inline uint32_t arch_virt_to_phys(const void *address)
{
    return (uint32_t)(uintptr_t)address - ARCH_DIRECT_MAP;
}

/* ---- Time ---- */

static inline uint64_t arch_cycles(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

#endif
