/* SPDX-License-Identifier: MIT */
/* From start.asm to the portable core: what multiboot2 told us (specification 3.6), and the order
   in which the machine is set up. */
#include "ia32.h"

#include <iris/datapage.h>

#define MULTIBOOT2_MAGIC 0x36d76289u
#define MEMORY_LEAST_KIB (14u * 1024)

#ifdef DEBUG
#define BUILD "debug"
#else
#define BUILD "release"
#endif

enum { TAG_END = 0, TAG_CMDLINE = 1, TAG_MODULE = 3, TAG_MEMORY_MAP = 6 };
#define MEMORY_AVAILABLE 1u

struct tag {
    uint32_t type, size;
};

struct tag_module {
    struct tag tag;
    uint32_t start, end;
    char name[];
};

struct memory_entry {
    uint64_t base, length;
    uint32_t type, reserved;
};

struct tag_memory {
    struct tag tag;
    uint32_t entry_size, version;
    struct memory_entry entries[];
};

uint32_t cpu_features;
extern uint64_t start_cycles; /* start.asm */

static struct boot_info info;

/* ---- The processor ---- */

#define CPUID_SEP (1u << 11)
#define CPUID_PGE (1u << 13)
#define CPUID_FXSR (1u << 24)
#define CPUID_SSE (1u << 25)

static void features_read(void)
{
    uint32_t signature = 1, ebx, ecx, edx;
    __asm__("cpuid" : "+a"(signature), "=b"(ebx), "=c"(ecx), "=d"(edx));
    /* The first Pentium Pros claim SEP without having it (SDM 2B, SYSENTER). */
    bool pentium_pro = (signature & 0xf00) == 0x600 && (signature & 0xff) < 0x33;
    cpu_features = (edx & CPUID_SEP && !pentium_pro ? IRIS_FEATURE_SEP : 0) |
                   (edx & CPUID_PGE ? IRIS_FEATURE_PGE : 0) |
                   (edx & CPUID_FXSR ? IRIS_FEATURE_FXSR : 0) |
                   (edx & CPUID_FXSR && edx & CPUID_SSE ? IRIS_FEATURE_SSE : 0);
}

/* ---- Memory ---- */

/* Inserts a range, sorted, joined with its neighbours. What finds no room is not used. */
static void memory_add(uint64_t start, uint64_t end)
{
    unsigned at = info.memory_count;

    start = max((start + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1), (uint64_t)PAGE_SIZE);
    end = min(end, 1ull << 32) & ~(uint64_t)(PAGE_SIZE - 1);
    if (start >= end || at == BOOT_RANGES)
        return;
    for (; at && info.memory[at - 1].start > start; at--)
        info.memory[at] = info.memory[at - 1];
    info.memory[at] = (struct boot_range){start, end};
    info.memory_count++;
}

/* Overlapping and touching ranges become one. */
static void memory_join(void)
{
    unsigned kept = 0;
    for (unsigned i = 1; i < info.memory_count; i++) {
        struct boot_range *last = &info.memory[kept], *next = &info.memory[i];
        if (next->start <= last->end)
            last->end = max(last->end, next->end);
        else
            info.memory[++kept] = *next;
    }
    info.memory_count = info.memory_count ? kept + 1 : 0;
}

static void memory_take(const struct tag_memory *map)
{
    const char *at = (const char *)map->entries, *end = (const char *)map + map->tag.size;
    for (; at + sizeof(struct memory_entry) <= end; at += map->entry_size) {
        const struct memory_entry *entry = (const struct memory_entry *)at;
        if (entry->type == MEMORY_AVAILABLE)
            memory_add(entry->base, entry->base + entry->length);
    }
    memory_join();
}

/* ---- Multiboot ---- */

static bool names_equal(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && !memcmp(a, b, strlen(a));
}

static void module_take(const struct tag_module *module)
{
    struct boot_range range = {module->start, module->end};
    if (names_equal(module->name, "root"))
        info.root = range;
    else if (names_equal(module->name, "archive"))
        info.archive = range;
}

static void text_copy(char *to, size_t room, const char *from)
{
    size_t length = min(strlen(from), room - 1);
    memcpy(to, from, length);
    to[length] = 0;
}

static void multiboot_take(const uint32_t *information)
{
    const char *at = (const char *)information + 8, *end = (const char *)information + *information;
    while (at < end) {
        const struct tag *tag = (const struct tag *)at;
        if (tag->type == TAG_END)
            break;
        if (tag->type == TAG_CMDLINE)
            text_copy(arch_data_page->command_line, sizeof(arch_data_page->command_line),
                      (const char *)(tag + 1));
        else if (tag->type == TAG_MODULE)
            module_take((const struct tag_module *)tag);
        else if (tag->type == TAG_MEMORY_MAP)
            memory_take((const struct tag_memory *)tag);
        at += (tag->size + 7) & ~7u;
    }
}

/* ---- The order of things ---- */

static void memory_check(void)
{
    uint64_t bytes = 0;

    if (!info.memory_count)
        boot_fail("the boot loader gave no memory map.");
    for (unsigned i = 0; i < info.memory_count; i++)
        bytes += info.memory[i].end - info.memory[i].start;
    if (bytes / 1024 < MEMORY_LEAST_KIB)
        boot_fail("too little memory: %5u KiB usable, %u KiB needed.", (uint32_t)bytes / 1024,
                  MEMORY_LEAST_KIB);
}

static void data_page_fill(void)
{
    struct iris_data_page *page = arch_data_page;
    page->magic = IRIS_DATA_MAGIC;
    page->abi_version = IRIS_ABI_VERSION;
    page->size = sizeof(*page);
    page->features = cpu_features;
#ifdef DEBUG
    page->features |= IRIS_FEATURE_DEBUG;
#endif
    page->page_size = PAGE_SIZE;
    page->processors = 1;
    page->vdso_base = IRIS_VDSO_BASE;
    page->vdso_size = (uint32_t)vdso_image_end - (uint32_t)vdso_image;
    text_copy(page->version, sizeof(page->version), IRIS_VERSION " " BUILD);
}

void boot_start(uint32_t magic, uint32_t information)
{
    if (magic != MULTIBOOT2_MAGIC)
        boot_fail("it was not started by a multiboot2 boot loader.");
    if (information >= ARCH_DIRECT_MAP_MAX)
        boot_fail("the boot loader's information lies too high in memory.");
    multiboot_take(arch_phys_to_virt(information));
    memory_check();
    features_read();
    paging_init(info.memory[info.memory_count - 1].end);
    idle_init();
    segments_init();
    fpu_init();
    data_page_fill();
    pic_init();
    clock_init(start_cycles);

    info.kernel =
        (struct boot_range){arch_virt_to_phys(kernel_start), arch_virt_to_phys(kernel_end)};
    kernel_main(&info);
}
