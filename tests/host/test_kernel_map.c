/* SPDX-License-Identifier: MIT */
/*
 * Mappings: random map, grant, unmap and protect calls between three spaces and physical memory,
 * against a table of who derives from whom. Page tables must say what the records say, and every
 * page and record must be back at the end.
 */
#include "../../kernel/map.c"
#include "../../kernel/object.c"

#include "handle.h"
#include "kernel_pages.h"
#include "port.h"
#include "thread.h"

#define STEPS 60000
#define SPACES 3
#define FRAMES 24         /* of user memory; the next FRAMES are the kernel's */
#define PAGES 40          /* virtual pages of each space that are played with */
#define HANDLE_MEMORY 10u /* handles 1..SPACES are the spaces, with all rights */
#define HANDLE_WEAK 11u   /* a space without the right to map */

void *host_current_page;
uint64_t host_cycles;
struct port dead_port;

static struct space spaces[SPACES];
static struct space *current_space;
static struct mapping *roots[FRAMES * 2];
static bool interrupts; /* pend at random */
static unsigned interrupts_seen;

/* What the page tables say. */
static struct {
    uint32_t frame, flags;
} hardware[SPACES][PAGES];
static void *tables[SPACES][SPACE_SHADOWS];

/* Virtual pages are spread over the page tables so that tables come and go, at both ends too. */
static uint32_t page_address(unsigned i)
{
    if (i == 0)
        return 1;
    if (i == PAGES - 1)
        return (IRIS_WINDOW >> PAGE_SHIFT) - 1;
    return 0x400 + (i % 4) * 1024 + 1020 + i / 4; /* runs of pages that cross a table's end */
}

static int page_index(uint32_t page)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (page_address(i) == page)
            return (int)i;
    return -1;
}

/* ---- What the kernel files call ---- */

struct space *space_current(void) { return current_space; }
void word_unmapped(struct mapping *mapping)
{
    TEST_FAIL("nobody sleeps on frame %u", mapping->frame);
}
struct mapping **frame_root(uint32_t frame) { return &roots[min(frame, FRAMES * 2 - 1u)]; }
bool frame_is_user(uint32_t frame) { return frame < FRAMES; }
void *arch_table(const struct space *space, unsigned n) { return tables[space - spaces][n]; }

void arch_table_set(struct space *space, unsigned n, void *table)
{
    CHECK(n < SPACE_SHADOWS);
    tables[space - spaces][n] = table;
}

void arch_page_set(struct space *space, uint32_t page, uint32_t frame, uint32_t flags)
{
    int i = page_index(page);

    CHECK(i >= 0);
    CHECK(tables[space - spaces][page / SPACE_TABLE]);
    hardware[space - spaces][i].frame = flags ? frame : 0;
    hardware[space - spaces][i].flags = flags;
}

bool arch_interrupt_pending(void)
{
    bool pending = interrupts && test_chance(3);

    interrupts_seen += pending;
    return pending;
}

struct entry *handle_get(uint32_t handle, enum iris_object_type type, uint8_t rights, int *error)
{
    static struct entry entry;
    struct object *object = handle >= 1 && handle <= SPACES ? &spaces[handle - 1].object : NULL;

    entry = (struct entry){.object = object,
                           .type = object ? IRIS_TYPE_SPACE : IRIS_TYPE_MEMORY,
                           .rights = IRIS_RIGHT_ALL,
                           .used = 1};
    *error = handle == HANDLE_WEAK && rights & IRIS_RIGHT_MAP                        ? -EPERM
             : handle == 0 || handle > HANDLE_MEMORY || (type && entry.type != type) ? -EBADF
                                                                                     : 0;
    return *error ? NULL : &entry;
}

struct space *handle_space(uint32_t handle, uint8_t rights, int *error)
{
    *error = 0;
    if (handle == 0)
        return space_current();
    struct entry *entry = handle_get(handle, IRIS_TYPE_SPACE, rights, error);
    return entry ? container_of(entry->object, struct space, object) : NULL;
}

void portal_client_added(struct portal *portal) { (void)portal; }
void portal_client_gone(struct portal *portal) { (void)portal; }

/* ---- The model: a table of mappings ---- */

struct model {
    bool present, write, uncached;
    uint32_t frame;
    struct model *parent; /* NULL: physical memory */
};
static struct model model[SPACES][PAGES];

static bool model_derives(const struct model *m, const struct model *from)
{
    while (m && m != from)
        m = m->parent;
    return m != NULL;
}

static unsigned model_children(const struct model *parent)
{
    unsigned count = 0;

    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            count += model[s][i].present && model[s][i].parent == parent;
    return count;
}

static unsigned model_depth(const struct model *m)
{
    unsigned depth = 0;

    while ((m = m->parent))
        depth++;
    return depth;
}

/* Removes everything below `top`, and itself if `own`. Parents last, so that links stay valid. */
static void model_unmap(struct model *top, bool own)
{
    bool doomed[SPACES][PAGES];

    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            doomed[s][i] = model[s][i].present && (own || &model[s][i] != top) &&
                           model_derives(&model[s][i], top);
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            if (doomed[s][i])
                model[s][i].present = false;
}

static void model_protect(const struct model *top)
{
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            if (model[s][i].present && model_derives(&model[s][i], top))
                model[s][i].write = false;
}

static struct mapping *record_of(const struct model *m)
{
    unsigned index = (unsigned)(m - &model[0][0]);

    return m ? map_find(&spaces[index / PAGES], page_address(index % PAGES)) : NULL;
}

static void compare_siblings(struct mapping *head, const struct mapping *parent, unsigned expected)
{
    unsigned count = 0;

    bool readable = false; /* writable ones come first */
    struct mapping *before = NULL;
    for (struct mapping *m = head; m; before = m, m = m->next, count++) {
        CHECK(m->parent == parent && (m == head || m->prev == before));
        CHECK(!parent || !(readable && m->page & MAPPING_WRITE));
        readable = !(m->page & MAPPING_WRITE);
        CHECK(!parent || m->frame == parent->frame);
    }
    CHECK_EQUAL(count, expected);
}

static void compare_one(unsigned s, unsigned i)
{
    const struct model *m = &model[s][i];
    struct mapping *record = map_find(&spaces[s], page_address(i));

    if (!m->present) {
        CHECK(record == NULL && hardware[s][i].flags == 0);
        return;
    }
    CHECK(record && record->space == &spaces[s] && page_of(record) == page_address(i));
    CHECK_EQUAL(record->frame, m->frame);
    CHECK(!(record->page & MAPPING_REVOKING));
    CHECK(record->parent == record_of(m->parent));
    compare_siblings(record->child, record, model_children(m));
    CHECK_EQUAL(hardware[s][i].frame, m->frame);
    CHECK_EQUAL(hardware[s][i].flags, ARCH_PAGE_PRESENT | (m->write ? ARCH_PAGE_WRITE : 0) |
                                          (m->uncached ? ARCH_PAGE_UNCACHED : 0));
}

static void compare(void)
{
    for (unsigned s = 0; s < SPACES; s++) {
        unsigned count = 0;
        for (unsigned i = 0; i < PAGES; i++) {
            compare_one(s, i);
            count += model[s][i].present;
        }
        CHECK_EQUAL(spaces[s].mappings, count);
        for (unsigned n = 0; n < SPACE_SHADOWS; n++)
            CHECK((spaces[s].shadow[n] != NULL) == (tables[s][n] != NULL));
    }
    for (unsigned f = 0; f < FRAMES; f++) {
        unsigned expected = 0;
        for (unsigned s = 0; s < SPACES; s++)
            for (unsigned i = 0; i < PAGES; i++)
                expected += model[s][i].present && !model[s][i].parent && model[s][i].frame == f;
        compare_siblings(roots[f], NULL, expected);
    }
}

/* ---- Operations ---- */

static struct model *model_at(const struct space *space, uint32_t page)
{
    int i = page_index(page);

    return i < 0 ? NULL : &model[space - spaces][i];
}

/* What mapping one page must give, and the change if it gives 0. */
static int model_map(struct model *to, struct model *from, bool physical, uint32_t frame,
                     uint32_t flags)
{
    if (physical ? frame >= FRAMES : !from || !from->present)
        return physical ? -EPERM : -EFAULT;
    if (!physical && flags & IRIS_MAP_WRITE && !from->write)
        return -EPERM;
    if (!physical && flags & IRIS_MAP_GRANT && model_children(from) > 0)
        return -EBUSY;
    if (to->present)
        return -EEXIST;
    if (!physical && !(flags & IRIS_MAP_GRANT) && model_depth(from) == 31)
        return -EOVERFLOW;
    *to = (struct model){
        true,
        flags & IRIS_MAP_WRITE,
        physical ? flags & IRIS_MAP_UNCACHED : from->uncached,
        physical ? frame : from->frame,
        physical                 ? NULL
        : flags & IRIS_MAP_GRANT ? from->parent
                                 : from,
    };
    if (!physical && flags & IRIS_MAP_GRANT)
        from->present = false;
    return 0;
}

static unsigned out_of_memory, mapped;

static void map_some(void)
{
    unsigned target = test_below(SPACES), first = test_below(PAGES), count = 1 + test_below(4);
    bool physical = test_chance(3);
    uint32_t flags = test_chance(2) ? IRIS_MAP_WRITE : 0;
    uint32_t page = page_address(first);
    uint32_t source = physical ? test_below(FRAMES + 2) : page_address(test_below(PAGES));

    flags |=
        physical ? (test_chance(4) ? IRIS_MAP_UNCACHED : 0) : (test_chance(3) ? IRIS_MAP_GRANT : 0);
    /* Pages the table does not know cannot be compared. */
    while (count > 1 && page_index(page + count - 1) < 0)
        count--;
    for (unsigned i = 1; i < count; i++)
        if (page_index(page + i) < 0)
            return;
    current_space = &spaces[test_below(SPACES)];
    int result = sys_memory_map(target + 1, page << PAGE_SHIFT, physical ? HANDLE_MEMORY : 0,
                                source << PAGE_SHIFT, count, flags);
    if (result == -ENOMEM) {
        out_of_memory++;
        CHECK(spaces[target].pages_limit - spaces[target].pages_used < 3);
        return;
    }
    unsigned done = result > 0 ? (unsigned)result : 0;
    CHECK(result != 0 && done <= count);
    for (unsigned i = 0; i < done; i++) {
        struct model *from = physical ? NULL : model_at(current_space, source + i);
        CHECK_EQUAL(
            model_map(model_at(&spaces[target], page + i), from, physical, source + i, flags), 0);
        mapped++;
    }
    if (result < 0) {
        struct model *from = physical ? NULL : model_at(current_space, source);
        CHECK_EQUAL(result,
                    model_map(model_at(&spaces[target], page), from, physical, source, flags));
    }
}

/* The call with its restarts: each begins with what the one before has left in the registers. */
static int unmap(uint32_t handle, uint32_t page, uint32_t pages, uint32_t flags)
{
    struct frame *frame = &thread_current()->frame;
    uint32_t end = page + pages;
    int result;

    do {
        uint32_t before = page;
        result = sys_memory_unmap(handle, page << PAGE_SHIFT, end - page, flags);
        CHECK(result == 0 || result == SYS_RESTART);
        page = frame->registers[2] >> PAGE_SHIFT;
        CHECK(page >= before && page + frame->registers[3] == end);
    } while (result == SYS_RESTART);
    CHECK(page == end);
    return result;
}

static void unmap_from(struct space *target, uint32_t page, unsigned count, uint32_t flags)
{
    uint32_t handle = (uint32_t)(target - spaces) + 1;
    int result;

    result = unmap(handle, page, count, flags);
    CHECK_EQUAL(result, 0);
    for (unsigned i = 0; i < count; i++) {
        struct model *m = model_at(target, page + i);
        if (!m || !m->present)
            continue;
        if (flags & IRIS_UNMAP_PROTECT)
            model_protect(m);
        else
            model_unmap(m, flags & IRIS_UNMAP_OWN);
    }
}

static void unmap_some(void)
{
    static const uint32_t kinds[] = {0, IRIS_UNMAP_OWN, IRIS_UNMAP_PROTECT,
                                     IRIS_UNMAP_PROTECT | IRIS_UNMAP_OWN};
    uint32_t page = page_address(test_below(PAGES)), count = 1 + test_below(20);

    if (page + count > IRIS_WINDOW >> PAGE_SHIFT)
        count = 1;
    current_space = &spaces[test_below(SPACES)];
    unmap_from(&spaces[test_below(SPACES)], page, count, kinds[test_below(4)]);
}

static void unmap_physical(void)
{
    uint32_t frame = test_below(FRAMES);
    int result;

    result = unmap(HANDLE_MEMORY, frame, 1, 0);
    CHECK_EQUAL(result, 0);
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            if (model[s][i].frame == frame)
                model[s][i].present = false;
}

/* A space dies: its mappings go, with all that others derived from them. */
static void reap(unsigned s)
{
    bool done = false;

    spaces[s].reap_cursor = 0;
    while (!done) { /* each step is short, however far the next mapping is */
        uint32_t from = spaces[s].reap_cursor, n = from / SPACE_TABLE;
        bool inside = n < SPACE_SHADOWS && spaces[s].shadow[n] &&
                      from % SPACE_TABLE + REAP_LOOKS < SPACE_TABLE;
        done = map_reap(&spaces[s]);
        CHECK(!inside || spaces[s].reap_cursor - from <= REAP_LOOKS);
    }
    for (unsigned i = 0; i < PAGES; i++)
        if (model[s][i].present)
            model_unmap(&model[s][i], true);
    CHECK_EQUAL(spaces[s].mappings, 0);
    CHECK_EQUAL(spaces[s].pages_used, 0);
}

static void bad_calls(void)
{
    const uint32_t window = IRIS_WINDOW, top = 0xfffff000;

    current_space = &spaces[0];
    CHECK_EQUAL(sys_memory_map(1, 0x1001, HANDLE_MEMORY, 0, 1, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, HANDLE_MEMORY, 8, 1, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, HANDLE_MEMORY, 0, 0, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, HANDLE_MEMORY, 0, ~0u, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, top, HANDLE_MEMORY, 0, 2, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, HANDLE_MEMORY, top, 2, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, HANDLE_MEMORY, 0, 1, 8), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, HANDLE_MEMORY, 0, 1, IRIS_MAP_GRANT), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, 0, 0, 1, IRIS_MAP_UNCACHED), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0, HANDLE_MEMORY, 0, 1, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, window, HANDLE_MEMORY, 0, 1, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, top, HANDLE_MEMORY, 0, 1, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, 2, 0, 1, 0), -EBADF); /* a space is no memory */
    CHECK_EQUAL(sys_memory_map(99, 0x1000, HANDLE_MEMORY, 0, 1, 0), -EBADF);
    CHECK_EQUAL(sys_memory_map(HANDLE_WEAK, 0x1000, HANDLE_MEMORY, 0, 1, 0), -EPERM);
    CHECK_EQUAL(sys_memory_map(1, 0x1000, 0, window, 1, 0), -EFAULT); /* not a mapping: UTCBs */
    CHECK_EQUAL(sys_memory_unmap(1, 0x1001, 1, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_unmap(1, 0x1000, 0, 0), -EINVAL);
    CHECK_EQUAL(sys_memory_unmap(1, 0x1000, 1, 4), -EINVAL);
    CHECK_EQUAL(sys_memory_unmap(1, window, 1, IRIS_UNMAP_OWN), -EINVAL);
    CHECK_EQUAL(sys_memory_unmap(1, window - 0x1000, 2, IRIS_UNMAP_OWN), -EINVAL);
    CHECK_EQUAL(sys_memory_unmap(99, 0x1000, 1, 0), -EBADF);
    CHECK_EQUAL(sys_memory_unmap(HANDLE_WEAK, 0x1000, 1, 0), -EPERM);
    CHECK_EQUAL(sys_memory_unmap(HANDLE_MEMORY, 0x1000, 1, IRIS_UNMAP_PROTECT), -EINVAL);
    CHECK_EQUAL(sys_memory_unmap(HANDLE_MEMORY, 0x1000000, 1, 0), -EINVAL); /* a device */
    CHECK_EQUAL(pages_live, 0); /* nothing of that cost anything */
}

int main(void)
{
    test_begin();
    static struct thread thread __attribute__((aligned(PAGE_SIZE)));
    host_current_page = &thread;
    for (unsigned s = 0; s < SPACES; s++)
        space_fake(&spaces[s], s == 2 ? 8 : 100); /* the third often has too little */
    bad_calls();
    interrupts = true;
    for (test_step = 1; test_step <= STEPS; test_step++) {
        switch (test_below(16)) {
        case 0:
        case 1:
            unmap_some();
            break;
        case 2:
            unmap_physical();
            break;
        case 3:
            if (test_chance(20))
                reap(test_below(SPACES));
            break;
        default:
            map_some();
        }
        if (test_step % 8 == 0)
            compare();
    }
    for (unsigned s = 0; s < SPACES; s++)
        reap(s);
    compare();
    CHECK_EQUAL(pages_live, 0);
    CHECK(interrupts_seen > 1000 && out_of_memory > 100 && mapped > STEPS / 20);
    return test_end();
}
