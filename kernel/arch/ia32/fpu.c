/* SPDX-License-Identifier: MIT */
/*
 * FPU, MMX and SSE state. CR0.TS is clear only while the running thread's state is in the
 * registers (THREAD_FPU); on the way to another thread it is saved at once, so nobody ever runs
 * with somebody else's registers, and the fast path needs to know nothing (it refuses such
 * threads).
 */
#include "ia32.h"
#include "thread.h"

#include <iris/datapage.h>

#define MXCSR_DEFAULT 0x1f80u
#define MXCSR_MASK_DEFAULT 0xffbfu /* where the processor does not say (SDM 1 11.6.6) */

static struct arch_fpu clean;
static uint32_t mxcsr_mask;  /* bits that may be set */
static struct thread *owner; /* whose state is in the registers; NULL: CR0.TS is set */

static bool has_fxsr(void) { return cpu_features & IRIS_FEATURE_FXSR; }

static void unlock(void) { __asm__ volatile("clts"); }
static void lock(void) { cr0_write(cr0_read() | CR0_TS); }

static void save(struct arch_fpu *fpu)
{
    if (has_fxsr())
        __asm__ volatile("fxsave %0" : "=m"(*fpu));
    else
        __asm__ volatile("fnsave %0" : "=m"(*fpu));
}

/* FRSTOR waits for exceptions that a predecessor left pending: they are cleared first. */
static void load(const struct arch_fpu *fpu)
{
    if (has_fxsr())
        __asm__ volatile("fxrstor %0" ::"m"(*fpu));
    else
        __asm__ volatile("fnclex\n\tfrstor %0" ::"m"(*fpu));
}

void fpu_init(void)
{
    if (has_fxsr())
        cr4_write(cr4_read() | CR4_OSFXSR | (cpu_features & IRIS_FEATURE_SSE ? CR4_OSXMMEXCPT : 0));
    unlock();
    __asm__ volatile("fninit");
    save(&clean);
    if (has_fxsr()) {
        mxcsr_mask = *(uint32_t *)&clean.image[28];
        mxcsr_mask = mxcsr_mask ? mxcsr_mask : MXCSR_MASK_DEFAULT;
        /* Not FXSAVE: what the firmware left in the SSE registers is nobody's business. */
        memset(&clean, 0, sizeof(clean));
        *(uint16_t *)&clean.image[0] = 0x037f;         /* FCW */
        *(uint32_t *)&clean.image[24] = MXCSR_DEFAULT; /* SDM 1 10.5.1 */
    }
    lock();
}

void fpu_load(struct thread *thread)
{
    assert(!owner);
    unlock();
    load(&thread->fpu);
    owner = thread;
    thread->hot.flags |= THREAD_FPU;
}

void arch_fpu_drop(struct thread *thread)
{
    if (owner != thread)
        return;
    thread->hot.flags &= (uint16_t)~THREAD_FPU;
    owner = NULL;
    lock();
}

void arch_fpu_leave(const struct thread *to)
{
    if (!owner || owner == to)
        return;
    save(&owner->fpu);
    arch_fpu_drop(owner);
}

/* A reserved bit of MXCSR is all that FXRSTOR objects to (SDM 1 11.6.6). */
bool arch_fpu_is_valid(const uint8_t image[512])
{
    return !has_fxsr() || !(*(const uint32_t *)&image[24] & ~mxcsr_mask);
}

void arch_thread_init(struct thread *thread)
{
    frame_user(&thread->frame);
    thread->fpu = clean;
}
