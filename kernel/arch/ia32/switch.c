/* SPDX-License-Identifier: MIT */
/* Threads as the processor sees them: frames, switching, idling, the IPC doors. */
#include "ia32.h"
#include "port.h"
#include "sched.h"
#include "space.h"
#include "thread.h"

#include <iris/datapage.h>
#include <vdso_offsets.h>

static struct thread idle_thread __attribute__((aligned(PAGE_SIZE)));
struct thread *const arch_idle_thread = &idle_thread;

static bool door_is_sysenter, fast_path_allowed, fast_path_enabled = true;

void idle_init(void)
{
    idle_thread.magic = THREAD_MAGIC;
    idle_thread.hot.state = IRIS_THREAD_READY;
    idle_thread.hot.port = &dead_port;
    idle_thread.hot.page_directory = arch_virt_to_phys(boot_directory);
}

/* ---- Frames ---- */

void arch_thread_start(struct thread *thread, uint32_t ip, uint32_t sp, uint32_t arg)
{
    struct frame *frame = &thread->frame;
    frame->eip = IRIS_VDSO_BASE + VDSO_THREAD_START;
    frame->esp = sp;
    frame->eax = ip;
    frame->ebx = arg;
}

void arch_frame_restart(struct frame *frame) { frame->eip -= 2; /* INT imm8 */ }

/* ---- Switching ---- */

void arch_switch(struct thread *to)
{
    arch_fpu_leave(to);
    if (ia32_tss.esp0->page_directory != to->hot.page_directory)
        cr3_write(to->hot.page_directory);
    ia32_tss.esp0 = &to->hot;
    arch_data_page->thread_pointer = to->hot.thread_pointer;
}

void arch_idle(void)
{
    arch_switch(arch_idle_thread);
    entry_ends();
    idle_wait(&idle_thread.frame);
}

/* ---- The doors of IPC ---- */

static void entries_set(void)
{
    bool allowed = fast_path_allowed && fast_path_enabled, fast = allowed && door_is_sysenter;

    call_gate_set(allowed ? call_fast : stub_call);
    if (door_is_sysenter)
        msr_write(MSR_SYSENTER_EIP, (uint32_t)(fast ? sysenter_fast : sysenter_slow));
    arch_data_page->features &= ~IRIS_FEATURE_FASTPATH;
    arch_data_page->features |= fast ? IRIS_FEATURE_FASTPATH : 0;
}

void arch_doors_init(bool sysenter, bool fast_path)
{
    static const uint8_t sysenter_door[2] = {0x0f, 0x34}, gate_door[2] = {0xcd, IRIS_GATE_IPC};

    door_is_sysenter = sysenter && (cpu_features & IRIS_FEATURE_SEP);
    fast_path_allowed = fast_path;
    memcpy(vdso_image + VDSO_IPC_DOOR, door_is_sysenter ? sysenter_door : gate_door, 2);
    if (cpu_features & IRIS_FEATURE_SEP) {
        /* With CS 0 SYSENTER is a general protection fault. */
        msr_write(MSR_SYSENTER_CS, door_is_sysenter ? SELECTOR_KERNEL_CS : 0);
        msr_write(MSR_SYSENTER_ESP, (uint32_t)&ia32_tss.esp0);
    }
    entries_set();
    arch_data_page->features |= door_is_sysenter ? IRIS_FEATURE_DOOR_SYSENTER : 0;
}

void arch_fast_path_enable(bool on)
{
    fast_path_enabled = on;
    entries_set();
}
