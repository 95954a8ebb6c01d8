/* SPDX-License-Identifier: MIT */
/* The kernel's start: memory, objects, and the first program. */
#include <iris/datapage.h>

#include "arch.h"
#include "elf.h"
#include "frame.h"
#include "handle.h"
#include "irq.h"
#include "klog.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"

/* Words are separated by blanks: "fastpath=off door=gate". */
bool boot_option(const char *name, const char *value)
{
    const char *command_line = arch_data_page->command_line;
    size_t n = strlen(name), v = strlen(value);

    for (const char *at = command_line; *at; at++) {
        bool word_begins = at == command_line || at[-1] == ' ';
        if (word_begins && strlen(at) >= n + v && memcmp(at, name, n) == 0 &&
            memcmp(at + n, value, v) == 0 && (at[n + v] == ' ' || at[n + v] == '\0'))
            return true;
    }
    return false;
}

/* ---- Root ---- */

#define ROOT_PRIORITY 40
#define ROOT_STACK_PAGES 16

static struct object memory_object, io_object, kernel_object;

/* A fresh page of root's, filled from the module. */
static void root_page(uint32_t address, const char *from, size_t offset, size_t bytes,
                      uint32_t flags)
{
    uint32_t frame = frame_take();
    char *page = memset(arch_page_window(frame), 0, PAGE_SIZE);

    memcpy(page + offset, from, bytes);
    int error = map_add(root_space, address >> PAGE_SHIFT, NULL, frame, flags);
    if (error)
        panic("root: cannot map 0x%x (error %u): two segments in one page?", address, -error);
}

static void root_segment(const char *image, const struct elf_segment *segment)
{
    uint32_t flags = segment->writable ? MAPPING_WRITE : 0;
    uint32_t end = segment->address + segment->memory_size;
    uint32_t file_end = segment->address + segment->file_size;

    for (uint32_t page = segment->address & ~(PAGE_SIZE - 1u); page < end; page += PAGE_SIZE) {
        uint32_t first = max(page, segment->address);
        uint32_t last = min(page + PAGE_SIZE, file_end);
        uint32_t bytes = last > first ? last - first : 0;
        root_page(page, image + segment->offset + (first - segment->address), first - page, bytes,
                  flags);
    }
}

static uint32_t root_load(const struct boot_info *boot)
{
    const char *image = arch_phys_to_virt((uint32_t)boot->root.start);
    uint32_t size = (uint32_t)(boot->root.end - boot->root.start);
    struct elf_image elf;

    const char *problem = elf_open(&elf, image, size);
    if (problem)
        panic("module root is damaged: %s", problem);
    struct elf_segment segment;
    for (unsigned i = 0; elf_segment(&elf, i, &segment); i++)
        root_segment(image, &segment);
    return elf.entry;
}

static void root_handle(uint32_t slot, struct object *object)
{
    int error;
    struct entry *entry;

    do
        entry = handle_slot(root_space, slot, true, &error);
    while (!entry && error == SYS_RESTART);
    if (!entry)
        panic("root: slot %u, error %u", slot, -error);
    handle_new(root_space, entry, object, IRIS_RIGHT_ALL);
}

static void root_handles(struct thread *thread)
{
    object_init(&memory_object, IRIS_TYPE_MEMORY, NULL);
    object_init(&io_object, IRIS_TYPE_IO, NULL);
    object_init(&kernel_object, IRIS_TYPE_KERNEL, NULL);
    root_handle(IRIS_SLOT_SPACE, &root_space->object);
    root_handle(IRIS_SLOT_THREAD, &thread->object);
    root_handle(IRIS_SLOT_MEMORY, &memory_object);
    root_handle(IRIS_SLOT_ROOT_IO, &io_object);
    root_handle(IRIS_SLOT_ROOT_KERNEL, &kernel_object);
    for (unsigned line = 0; line < ARCH_IRQ_LINES; line++)
        if (irq_object(line))
            root_handle(IRIS_SLOT_ROOT_IRQ + line, irq_object(line));
}

/* The stack's lowest word is the thread pointer's first: the UTCB's address. */
static uint32_t root_stack(void)
{
    uint32_t bottom = IRIS_PROGRAM_BASE - ROOT_STACK_PAGES * PAGE_SIZE, utcb = IRIS_UTCB_BASE;

    for (unsigned i = 0; i < ROOT_STACK_PAGES; i++)
        root_page(bottom + i * PAGE_SIZE, (const char *)&utcb, 0, i == 0 ? sizeof(utcb) : 0,
                  MAPPING_WRITE);
    return bottom;
}

static void root_start(struct boot_info *boot)
{
    int error;

    if (boot->root.end <= boot->root.start)
        panic("no module \"root\": the boot loader's configuration must name it");
    if (boot->archive.end <= boot->archive.start)
        panic("no module \"archive\": the boot loader's configuration must name it");
    root_space = space_new(NULL, account_pool_free(), IRIS_PRIORITIES - 1, &error);
    struct thread *thread = root_space ? thread_new(root_space, 0, ROOT_PRIORITY, &error) : NULL;
    if (!thread)
        panic("too little memory for root");
    uint32_t entry = root_load(boot);
    uint32_t stack = root_stack();
    frame_release_root(boot);
    root_handles(thread);
    thread_start(thread, entry, IRIS_PROGRAM_BASE - 16, stack, 0);
    klog("boot: root %u KiB at 0x%08x ... ok\n",
         (uint32_t)(boot->root.end - boot->root.start) / 1024, entry);
}

void kernel_main(struct boot_info *boot)
{
    klog("Iris %s\n", arch_data_page->version);
    klog("boot: command line \"%s\" ... ok\n", boot->command_line);
    frame_init(boot);
    sched_init();
    irq_init();
    bool sysenter = arch_data_page->features & IRIS_FEATURE_SEP && !boot_option("door=", "gate");
    arch_doors_init(sysenter, !boot_option("fastpath=", "off"));
    klog("boot: IPC by %s, fast path %s ... ok\n", sysenter ? "SYSENTER" : "gate",
         arch_data_page->features & IRIS_FEATURE_FASTPATH ? "on" : "off");
    arch_data_page->memory_pages = frame_total();
    arch_data_page->kernel_pages = account_pool_pages();
    root_start(boot);
    sched_leave();
    arch_leave();
}
