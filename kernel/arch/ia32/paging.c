/* SPDX-License-Identifier: MIT */
/*
 * Page directories and tables. A directory: user half; direct map (4 MiB pages, the same for all);
 * the space's own region (TSS, I/O bitmap, handle table); the shared region.
 */
#include "frame.h"
#include "ia32.h"
#include "port.h"
#include "space.h"

#include <iris/datapage.h>
#include <vdso_offsets.h>

#define KERNEL_PDE (ARCH_DIRECT_MAP >> 22)
#define REGION_PDE (SPACE_REGION >> 22)
#define SHARED_PDE (SHARED_REGION >> 22)
#define WINDOW_PDE (IRIS_WINDOW >> 22)
#define LARGE_PAGE (1u << 22)

uint32_t arch_direct_map_end;

struct iris_data_page ia32_data_page __attribute__((aligned(PAGE_SIZE)));
struct iris_data_page *const arch_data_page = &ia32_data_page;

static uint32_t shared_table[1024] __attribute__((aligned(PAGE_SIZE)));
static uint32_t idle_region[1024] __attribute__((aligned(PAGE_SIZE)));
struct entry arch_dead_page[ENTRIES_PER_PAGE] __attribute__((aligned(PAGE_SIZE)));
static uint8_t ones_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE))); /* no I/O port */
static uint32_t global; /* PTE_GLOBAL where the processor has it */

/* ---- At boot ---- */

static void dead_page_fill(void)
{
    for (unsigned i = 0; i < ENTRIES_PER_PAGE; i++) {
        arch_dead_page[i].port = &dead_port;
        arch_dead_page[i].object = &dead_object;
        list_init(&arch_dead_page[i].ring);
    }
}

static uint32_t pte(const void *page, uint32_t flags)
{
    return page ? arch_virt_to_phys(page) | PTE_PRESENT | flags : 0;
}

static void idle_region_fill(void)
{
    idle_region[REGION_TSS] = pte(&ia32_tss, PTE_WRITE | global);
    for (unsigned i = REGION_IO; i <= REGION_IO_END; i++)
        idle_region[i] = pte(ones_page, 0);
    for (unsigned i = 0; i < HANDLE_PAGES; i++)
        idle_region[REGION_HANDLES + i] = pte(arch_dead_page, 0);
}

void paging_init(uint64_t memory_end)
{
    if (cpu_features & IRIS_FEATURE_PGE) {
        cr4_write(cr4_read() | CR4_PGE);
        global = PTE_GLOBAL;
    }
    arch_direct_map_end =
        memory_end < ARCH_DIRECT_MAP_MAX ? (uint32_t)memory_end : ARCH_DIRECT_MAP_MAX;
    for (uint32_t at = 0; at < ARCH_DIRECT_MAP_MAX; at += LARGE_PAGE)
        boot_directory[KERNEL_PDE + (at >> 22)] =
            at < arch_direct_map_end ? at | PTE_PRESENT | PTE_WRITE | PDE_LARGE | global : 0;

    dead_page_fill();
    memset(ones_page, 0xff, sizeof(ones_page));
    idle_region_fill();
    boot_directory[REGION_PDE] = pte(idle_region, PTE_WRITE);
    boot_directory[SHARED_PDE] = pte(shared_table, PTE_WRITE);
    cr3_write(arch_virt_to_phys(boot_directory));
}

/* ---- Spaces ---- */

static uint32_t *directory_of(const struct space *space)
{
    return arch_phys_to_virt(space->page_directory);
}

static bool space_is_loaded(const struct space *space)
{
    return cr3_read() == space->page_directory;
}

/* The window of a new space: the vDSO and the data page, for users to read. */
static void window_fill(uint32_t *window)
{
    unsigned vdso = (IRIS_VDSO_BASE - IRIS_WINDOW) >> PAGE_SHIFT;
    unsigned pages = ((uint32_t)vdso_image_end - (uint32_t)vdso_image) >> PAGE_SHIFT;

    for (unsigned i = 0; i < pages; i++)
        window[vdso + i] = pte(vdso_image + i * PAGE_SIZE, PTE_USER | global);
    window[(IRIS_DATA_PAGE - IRIS_WINDOW) >> PAGE_SHIFT] = pte(&ia32_data_page, PTE_USER | global);
}

int arch_space_init(struct space *space)
{
    uint32_t *directory = account_page_raw(space);
    uint32_t *window = account_page(space);

    if (!directory || !window) {
        account_page_free(window);
        account_page_free(directory);
        return -ENOMEM;
    }
    window_fill(window);
    memset(directory, 0, KERNEL_PDE * 4);
    memcpy(directory + KERNEL_PDE, boot_directory + KERNEL_PDE, (1024 - KERNEL_PDE) * 4);
    directory[REGION_PDE] = pte(idle_region, PTE_WRITE);
    directory[WINDOW_PDE] = pte(window, PTE_WRITE | PTE_USER);
    space->page_directory = arch_virt_to_phys(directory);
    space->kernel_table = idle_region;
    space->window_table = window;
    return 0;
}

static bool io_is_permitted(const struct space *space)
{
    return (space->kernel_table[REGION_IO] & ~PTE_FLAGS) != arch_virt_to_phys(ones_page);
}

static void *io_page(const struct space *space, unsigned n)
{
    return arch_phys_to_virt(space->kernel_table[REGION_IO + n] & ~PTE_FLAGS);
}

void arch_space_free(struct space *space)
{
    assert(!space_is_loaded(space));
    for (unsigned i = 0; i < REGION_IO_PAGES && io_is_permitted(space); i++)
        account_page_free(io_page(space, REGION_IO_PAGES - 1 - i));
    account_page_free(space->window_table);
    if (space->kernel_table != idle_region)
        account_page_free(space->kernel_table);
    account_page_free(directory_of(space));
}

/* ---- User pages ---- */

void arch_table_set(struct space *space, unsigned n, void *table)
{
    assert(n < WINDOW_PDE);
    directory_of(space)[n] = pte(table, PTE_WRITE | PTE_USER);
    if (!table && space_is_loaded(space))
        cr3_write(space->page_directory);
}

void *arch_table(const struct space *space, unsigned n)
{
    uint32_t entry = directory_of(space)[n];
    return entry & PTE_PRESENT ? arch_phys_to_virt(entry & ~PTE_FLAGS) : NULL;
}

void arch_page_set(struct space *space, uint32_t page, uint32_t frame, uint32_t flags)
{
    uint32_t *table = arch_table(space, page >> 10);

    assert(table && page >> 10 < WINDOW_PDE);
    table[page & 1023] = flags ? frame << PAGE_SHIFT | flags : 0;
    if (space_is_loaded(space))
        page_flush(page << PAGE_SHIFT);
}

/* ---- Kernel pages of a space ---- */

/* A new space has the region of the idle thread until it has a page of its own there. */
int arch_region_make(struct space *space)
{
    if (space->kernel_table != idle_region)
        return 0;
    uint32_t *region = account_page_raw(space);
    if (!region)
        return -ENOMEM;
    space->kernel_table = memcpy(region, idle_region, PAGE_SIZE);
    directory_of(space)[REGION_PDE] = pte(region, PTE_WRITE);
    if (space_is_loaded(space))
        cr3_write(space->page_directory);
    return 0;
}

static void region_set(struct space *space, unsigned n, uint32_t entry)
{
    space->kernel_table[n] = entry;
    if (space_is_loaded(space))
        page_flush(SPACE_REGION + (n << PAGE_SHIFT));
}

struct entry *arch_handle_page(const struct space *space, unsigned n)
{
    assert(n < HANDLE_PAGES);
    return arch_phys_to_virt(space->kernel_table[REGION_HANDLES + n] & ~PTE_FLAGS);
}

void arch_handle_page_set(struct space *space, unsigned n, struct entry *page)
{
    assert(n < HANDLE_PAGES);
    region_set(space, REGION_HANDLES + n, page ? pte(page, PTE_WRITE) : pte(arch_dead_page, 0));
}

void *arch_utcb_page(const struct space *space, unsigned n)
{
    uint32_t entry = space->window_table[n];
    return entry & PTE_PRESENT ? arch_phys_to_virt(entry & ~PTE_FLAGS) : NULL;
}

void arch_utcb_page_set(struct space *space, unsigned n, void *page)
{
    assert(n < (IRIS_VDSO_BASE - IRIS_UTCB_BASE) >> PAGE_SHIFT);
    space->window_table[n] = pte(page, PTE_WRITE | PTE_USER);
    if (space_is_loaded(space))
        page_flush(IRIS_UTCB_BASE + (n << PAGE_SHIFT));
}

static int io_allocate(struct space *space)
{
    void *low = account_page_raw(space);
    void *high = account_page_raw(space);
    if (!low || !high || arch_region_make(space) < 0) {
        account_page_free(low);
        account_page_free(high);
        return -ENOMEM;
    }
    memset(low, 0xff, PAGE_SIZE);
    memset(high, 0xff, PAGE_SIZE);
    region_set(space, REGION_IO, pte(low, PTE_WRITE));
    region_set(space, REGION_IO + 1, pte(high, PTE_WRITE));
    return 0;
}

int arch_io_permit(struct space *space, uint32_t first, uint32_t count)
{
    if (!io_is_permitted(space) && io_allocate(space) < 0)
        return -ENOMEM;
    for (uint32_t port = first; port < first + count; port++) {
        uint8_t *bits = io_page(space, port >> 15);
        bits[(port & 32767) >> 3] &= (uint8_t) ~(1u << (port & 7));
    }
    return 0;
}

/* ---- Copies ---- */

static bool range_is_user(uint32_t user, size_t bytes)
{
    return user <= IRIS_USER_TOP && bytes <= IRIS_USER_TOP - user;
}

int arch_copy_in(void *to, uint32_t user, size_t bytes)
{
    return range_is_user(user, bytes) ? copy_tolerant(to, (const void *)user, bytes) : -EFAULT;
}

int arch_copy_out(uint32_t user, const void *from, size_t bytes)
{
    return range_is_user(user, bytes) ? copy_tolerant((void *)user, from, bytes) : -EFAULT;
}

void *arch_page_window(uint32_t frame)
{
    if (frame < arch_direct_map_end >> PAGE_SHIFT)
        return arch_phys_to_virt(frame << PAGE_SHIFT);
    shared_table[(WINDOW_PAGE >> PAGE_SHIFT) & 1023] =
        frame << PAGE_SHIFT | PTE_PRESENT | PTE_WRITE;
    page_flush(WINDOW_PAGE);
    return (void *)WINDOW_PAGE;
}
