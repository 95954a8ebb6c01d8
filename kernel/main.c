/* SPDX-License-Identifier: MIT */
/* The kernel's start: memory, objects, and the first program. */
#include <iris/datapage.h>

#include "arch.h"
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

/* The first page of module root, as tools/flat.py makes it. The program's pages follow: `kept` of
   `pages`; the others begin as zeros. The first `fixed` are not to be written. */
struct root_image {
    uint32_t magic, entry, base, fixed, kept, pages;
};
#define ROOT_MAGIC 0x746f6f72u /* "root" */

static const char *root_problem(const struct root_image *root, const struct boot_range *module)
{
    uint64_t size = module->end - module->start;

    if (module->start % PAGE_SIZE || size < PAGE_SIZE || root->magic != ROOT_MAGIC)
        return "not a flat image that begins with a page";
    if (root->fixed > root->kept || root->kept > root->pages || root->kept >= size / PAGE_SIZE)
        return "it has fewer pages than it says";
    if (root->base % PAGE_SIZE || root->base == 0 || root->base >= IRIS_WINDOW ||
        root->pages > (IRIS_WINDOW - root->base) / PAGE_SIZE)
        return "it is not for user space";
    return root->entry - root->base < root->fixed * PAGE_SIZE ? NULL : "its entry is not in it";
}

static void root_map(uint32_t address, uint32_t frame, uint32_t flags)
{
    int error = map_add(root_space, address >> PAGE_SHIFT, NULL, frame, flags);
    if (error)
        panic("root: cannot map 0x%x (error %u)", address, -error);
}

static void *root_fresh_page(uint32_t address)
{
    uint32_t frame = frame_take();
    root_map(address, frame, MAPPING_WRITE);
    return memset(arch_page_window(frame), 0, PAGE_SIZE);
}

/* It runs where the boot loader has put it. */
static uint32_t root_load(const struct boot_range *module)
{
    const struct root_image *root = arch_phys_to_virt((uint32_t)module->start);
    uint32_t frame = (uint32_t)(module->start >> PAGE_SHIFT) + 1;

    const char *problem = root_problem(root, module);
    if (problem)
        panic("module root is damaged: %s", problem);
    for (uint32_t i = 0; i < root->kept; i++)
        root_map(root->base + i * PAGE_SIZE, frame + i, i < root->fixed ? 0 : MAPPING_WRITE);
    for (uint32_t i = root->kept; i < root->pages; i++)
        root_fresh_page(root->base + i * PAGE_SIZE);
    return root->entry;
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
    uint32_t bottom = IRIS_PROGRAM_BASE - ROOT_STACK_PAGES * PAGE_SIZE;

    for (uint32_t page = IRIS_PROGRAM_BASE - PAGE_SIZE; page > bottom; page -= PAGE_SIZE)
        root_fresh_page(page);
    *(uint32_t *)root_fresh_page(bottom) = IRIS_UTCB_BASE;
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
    uint32_t entry = root_load(&boot->root);
    uint32_t stack = root_stack();
    root_handles(thread);
    thread_start(thread, entry, IRIS_PROGRAM_BASE - 16, stack, 0);
    klog("boot: root %u KiB at 0x%08x ... ok\n",
         (uint32_t)(boot->root.end - boot->root.start) / 1024, entry);
}

void kernel_main(struct boot_info *boot)
{
    klog("Iris %s\n", arch_data_page->version);
    klog("boot: command line \"%s\" ... ok\n", arch_data_page->command_line);
    frame_init(boot);
    sched_init();
    irq_init();
    bool sysenter = arch_data_page->features & IRIS_FEATURE_SEP && !boot_option("door=", "gate");
    arch_doors_init(sysenter, !boot_option("fastpath=", "off"));
    klog("boot: IPC by %s, fast path %s ... ok\n", sysenter ? "SYSENTER" : "gate",
         arch_data_page->features & IRIS_FEATURE_FASTPATH ? "on" : "off");
    root_start(boot);
    sched_leave();
    arch_leave();
}
