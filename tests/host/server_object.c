/* SPDX-License-Identifier: MIT */
/*
 * mem's objects and views against a model in which every page has its contents: what a client reads
 * through any of its views is what was last written to that page of the object, or to the view's
 * own copy of it. The kernel is a table of what is mapped where; frames have a number for contents.
 */
#include <sys/mman.h>

#include "../../servers/mem/arena.c"
#include "../../servers/mem/client.c"
#include "../../servers/mem/object.c"
#include "../../servers/mem/radix.c"
#include "../../servers/mem/region.c"
#include "../../servers/mem/view.c"

#include "server_check.h"

#define STEPS 80000
#define CLIENTS 3u
#define OBJECTS 6u
#define VIEWS 8u
#define PAGES_MOST 12u
#define SPACE 64u /* pages of a client that are played with, from FIRST on */
#define FIRST 0x20000u
#define QUOTA 120u
#define FRAMES 2048u

/* ---- Fakes ---- */

struct archive archive = {.frame = 0x8000, .size = PAGES_MOST * PAGE};
static struct {
    bool used;
    uint32_t contents;
} frame[FRAMES];
static uint32_t frames_used, handles;
static struct {
    uint32_t frame, flags;
    bool present;
} mapped[CLIENTS][SPACE];
static uint32_t slot_badge[1 << 17]; /* of portals, by slot */
static bool slot_used[1 << 17];
#define SPACES 100000u /* slots of the clients' spaces: above all that are allocated */
static bool scarce;

static uint32_t some_frame(uint32_t contents)
{
    if ((scarce && random_below(4) == 0) || frames_used == FRAMES - 1)
        return 0;
    uint32_t f;
    do
        f = 1 + random_below(FRAMES - 1);
    while (frame[f].used);
    frame[f].used = true;
    frame[f].contents = contents;
    frames_used++;
    return f;
}

uint32_t frame_take(void) { return some_frame(0xbad); }
uint32_t frame_take_zeroed(void) { return some_frame(0); }
uint32_t fill_page(const struct region *region, uint32_t index, uint32_t *flags)
{
    (void)region, (void)index;
    *flags = GIVEN_OWN;
    return some_frame(0);
}

static uint32_t archive_contents(uint32_t offset) { return 0xa0000000u | offset; }

static uint32_t contents_of(uint32_t f)
{
    return f >= archive.frame ? archive_contents((f - archive.frame) * PAGE) : frame[f].contents;
}

uint32_t fill_from_archive(uint32_t offset, uint32_t size)
{
    CHECK(size <= PAGE && offset + size <= archive.size);
    return some_frame(archive_contents(offset));
}

uint32_t fill_from_frame(uint32_t source) { return some_frame(contents_of(source)); }

void frame_free(uint32_t f)
{
    CHECK(f < FRAMES && frame[f].used);
    for (uint32_t c = 0; c < CLIENTS; c++)
        for (uint32_t i = 0; i < SPACE; i++)
            CHECK(!mapped[c][i].present || mapped[c][i].frame != f);
    frame[f].used = false;
    frames_used--;
}

struct frame_counts frames_count(void)
{
    return (struct frame_counts){.total = FRAMES, .free = FRAMES - frames_used};
}

int iris_slot_alloc(void)
{
    static uint32_t next = 16;

    if (scarce && random_below(6) == 0)
        return -ENOMEM;
    handles++;
    do
        next = next % 0xffff + 1;
    while (slot_used[next + 16]); /* a long run comes round to slots in use */
    slot_used[next + 16] = true;
    return (int)(next + 16);
}

void iris_slot_free(uint32_t slot) { slot_used[slot] = false, handles--; }
void iris_handle_discard(uint32_t slot)
{
    slot_badge[slot] = 0, slot_used[slot] = false, handles--;
}
int iris_object_destroy(uint32_t handle) { return slot_badge[handle] != 0 ? 0 : -EBADF; }

int iris_portal_create(uint32_t port, uint32_t slot, uint32_t badge, uint32_t rights, uint32_t mask)
{
    CHECK(port == MEM_SLOT_PORT && rights & IRIS_RIGHT_CALL && mask == 0);
    slot_badge[slot] = badge;
    return 0;
}

int iris_handle_identify(uint32_t handle, uint32_t port, struct iris_handle_info *info)
{
    CHECK(port == MEM_SLOT_PORT);
    *info = (struct iris_handle_info){.type = IRIS_TYPE_PORTAL, .badge = slot_badge[handle]};
    return 0;
}

int iris_space_inspect(uint32_t space, uint32_t what, uint32_t cursor, void *buffer, uint32_t count)
{
    (void)space, (void)what, (void)cursor, (void)count;
    *(struct iris_space_info *)buffer = (struct iris_space_info){.pages_limit = 100};
    return 1;
}

/* Records are real memory; a client's space is SPACES + its number. */
int iris_memory_map(uint32_t space, uint32_t address, uint32_t source, uint32_t source_address,
                    uint32_t pages, uint32_t flags)
{
    CHECK(pages == 1 && source == MEM_SLOT_PHYSICAL);
    if (space == 0) {
        void *page = mmap((void *)address, PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        CHECK(page == (void *)address);
        memset(page, 0xa5, PAGE);
        return 1;
    }
    uint32_t c = space - SPACES, i = address / PAGE - FIRST, f = source_address / PAGE;
    CHECK(c < CLIENTS && i < SPACE && (f >= archive.frame || frame[f].used));
    if (mapped[c][i].present)
        return -EEXIST;
    if (scarce && random_below(5) == 0)
        return -ENOMEM;
    mapped[c][i].present = true;
    mapped[c][i].frame = f;
    mapped[c][i].flags = flags;
    return 1;
}

int iris_memory_unmap(uint32_t space, uint32_t address, uint32_t pages, uint32_t flags)
{
    CHECK(flags == IRIS_UNMAP_OWN);
    if (space == 0)
        CHECK(munmap((void *)address, PAGE) == 0);
    for (uint32_t c = 0; c < CLIENTS; c++)
        for (uint32_t i = 0; i < SPACE; i++)
            if (space == MEM_SLOT_PHYSICAL
                    ? mapped[c][i].frame == address / PAGE
                    : space == SPACES + c && FIRST + i - address / PAGE < pages)
                mapped[c][i].present = false;
    return 0;
}

/* ---- The model ---- */

struct model_object {
    struct memory_object *real;
    uint32_t owner;
    uint32_t page[PAGES_MOST]; /* contents */
    bool held[2];
};
struct model_page {
    struct model_object *object; /* NULL and `view`: its object is gone */
    bool view, writable, private, copied;
    uint32_t index, copy;
};

static struct client *client[CLIENTS];
static struct model_object model[OBJECTS];
static struct model_page page[CLIENTS][SPACE];
static uint32_t next_contents = 1, created, copies, reads;

static bool is_mapped_anywhere(const struct model_object *object)
{
    for (uint32_t c = 0; c < CLIENTS; c++)
        for (uint32_t i = 0; i < SPACE; i++)
            if (page[c][i].view && page[c][i].object == object)
                return true;
    return false;
}

/* After a handle or a view has gone. */
static void model_settle(struct model_object *object)
{
    if (object->real != NULL && !object->held[0] && !object->held[1] && !is_mapped_anywhere(object))
        object->real = NULL;
}

static void model_forget(struct model_object *object)
{
    for (uint32_t c = 0; c < CLIENTS; c++)
        for (uint32_t i = 0; i < SPACE; i++)
            if (page[c][i].object == object)
                page[c][i].object = NULL;
    object->real = NULL;
}

/* ---- Operations ---- */

static void try_create(uint32_t c)
{
    struct model_object *object = &model[random_below(OBJECTS)];
    struct memory_object *made;
    uint32_t slot, pages = 1 + random_below(PAGES_MOST);
    bool file = random_below(3) == 0;
    const struct memory_object wanted = {.kind = file ? OBJECT_ARCHIVE : OBJECT_ANONYMOUS,
                                         .first = file && random_below(2) ? 512 : 0,
                                         .size = file ? (pages - 1) * PAGE + 100 : pages * PAGE};

    if (object->real != NULL || object_create(client[c], &wanted, &made) != 0)
        return;
    if (object_portal(made, !file, &slot) != 0) {
        object_destroy(made);
        return;
    }
    bool writable = file;
    CHECK(object_behind(slot, &writable) == made && writable == !file);
    *object = (struct model_object){.real = made, .owner = c};
    object->held[!file] = true;
    created++;
    for (uint32_t i = 0; i < PAGES_MOST; i++)
        object->page[i] = file ? archive_contents(wanted.first + i * PAGE) : 0;
}

static void try_narrow(void)
{
    struct model_object *object = &model[random_below(OBJECTS)];
    uint32_t slot;

    if (object->real != NULL && object_portal(object->real, false, &slot) == 0)
        object->held[0] = true;
}

static void try_close(void)
{
    struct model_object *object = &model[random_below(OBJECTS)];
    uint32_t which = random_below(2);

    if (object->real == NULL || !object->held[which])
        return;
    object->held[which] = false;
    object_disconnected(slot_badge[object->real->portal[which]]);
    model_settle(object);
}

static void try_map(uint32_t c)
{
    struct model_object *object = &model[random_below(OBJECTS)];
    uint32_t at;

    if (object->real == NULL)
        return;
    struct view_request wanted = {.page = FIRST + random_below(SPACE),
                                  .pages = 1 + random_below(PAGES_MOST),
                                  .first = random_below(PAGES_MOST),
                                  .writable = random_below(2),
                                  .private = random_below(2)};
    if (wanted.page + wanted.pages > FIRST + SPACE)
        return;
    bool may_write = object->held[1] && random_below(2), taken = false;
    for (uint32_t i = 0; i < wanted.pages; i++)
        taken = taken || page[c][wanted.page - FIRST + i].view;
    int status = view_map(client[c], object->real, may_write, &wanted, &at);
    if (wanted.first + wanted.pages > object->real->pages)
        CHECK(status == -EINVAL);
    else if (wanted.writable && !wanted.private && !may_write)
        CHECK(status == -EPERM);
    else
        CHECK(status == 0 ? !taken : status == -ENOMEM || (taken && status == -EEXIST));
    for (uint32_t i = 0; status == 0 && i < wanted.pages; i++)
        page[c][wanted.page - FIRST + i] = (struct model_page){.object = object,
                                                               .view = true,
                                                               .writable = wanted.writable,
                                                               .private = wanted.private,
                                                               .index = wanted.first + i};
}

static void try_release(uint32_t c)
{
    uint32_t first = random_below(SPACE), count = 1 + random_below(20);

    count = count > SPACE - first ? SPACE - first : count;
    CHECK(client_release(client[c], FIRST + first, count) == 0);
    memset(&page[c][first], 0, count * sizeof page[c][first]);
    for (uint32_t i = 0; i < OBJECTS; i++)
        model_settle(&model[i]);
}

static uint32_t *expected(struct model_page *p)
{
    return p->copied ? &p->copy : &p->object->page[p->index];
}

/* An access as the processor does it: a fault only if the page is not there with that right. */
static void try_access(uint32_t c)
{
    uint32_t i = random_below(SPACE);
    struct model_page *p = &page[c][i];
    bool writing = random_below(2);
    int status = 0;

    bool there = mapped[c][i].present;
    if (!there || (writing && !(mapped[c][i].flags & IRIS_MAP_WRITE)))
        status = client_fault(client[c], FIRST + i, writing, there);
    if (!p->view || (writing && !p->writable) || (p->object == NULL && !p->copied))
        CHECK(status == -EFAULT);
    else
        CHECK(status == 0 || status == -ENOMEM);
    if (status != 0)
        return;
    CHECK(mapped[c][i].present && (!writing || mapped[c][i].flags & IRIS_MAP_WRITE));
    CHECK(contents_of(mapped[c][i].frame) == *expected(p));
    reads++;
    if (!writing)
        return;
    if (p->private && !p->copied) {
        p->copied = true;
        copies++;
        p->copy = *expected(&(struct model_page){.object = p->object, .index = p->index});
    }
    CHECK(mapped[c][i].frame < FRAMES); /* nobody writes to the archive */
    *expected(p) = frame[mapped[c][i].frame].contents = ++next_contents;
}

/* The client unmaps a page itself; it comes back. */
static void try_unmap(uint32_t c)
{
    uint32_t i = random_below(SPACE);
    mapped[c][i].present = false;
}

static void client_begin(uint32_t c)
{
    bool limited = scarce;

    scarce = false;
    CHECK(client_create(QUOTA, &client[c]) == 0 && client_attach(client[c], SPACES + c) == 0);
    handles++; /* the space's */
    scarce = limited;
}

static void client_end(uint32_t c)
{
    memset(page[c], 0, sizeof page[c]);
    client_destroy(client[c]);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        if (model[i].real != NULL && model[i].owner == c)
            model_forget(&model[i]);
        model_settle(&model[i]);
    }
    for (uint32_t i = 0; i < SPACE; i++)
        mapped[c][i].present = false; /* its space was destroyed */
}

static void compare(void)
{
    uint32_t resident = 0, records = 0, reserved = 0, objects = 0;

    for (uint32_t c = 0; c < CLIENTS; c++) {
        resident += client[c]->resident;
        records += client[c]->records.pages;
        reserved += client[c]->reserved;
        objects += client[c]->objects_count;
        CHECK(client[c]->resident + client[c]->reserved + client[c]->records.pages <= QUOTA + 8);
    }
    CHECK(frames_used == resident + records && clients_reserved == reserved);
    for (uint32_t i = 0; i < OBJECTS; i++)
        objects -= model[i].real != NULL;
    CHECK(objects == 0);
}

static void play(bool limited)
{
    for (uint32_t c = 0; c < CLIENTS; c++)
        client_begin(c);
    scarce = limited;
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t c = random_below(CLIENTS);
        switch (random_below(16)) {
        case 0:
            try_create(c);
            break;
        case 1:
            try_narrow();
            break;
        case 2:
            if (random_below(3) == 0)
                try_close();
            break;
        case 3:
        case 4:
            try_map(c);
            break;
        case 5:
            scarce = false; /* cutting a view in two needs records */
            try_release(c);
            scarce = limited;
            break;
        case 6:
            try_unmap(c);
            break;
        case 7:
            if (random_below(200) == 0)
                client_end(c), client_begin(c);
            break;
        default:
            try_access(c);
        }
        if (step % 32 == 0)
            compare();
    }
    for (uint32_t c = 0; c < CLIENTS; c++)
        client_end(c);
    CHECK(frames_used == 0 && handles == 0 && clients_reserved == 0 && clients_count == 0);
}

int main(void)
{
    check_begin();
    play(false);
    play(true);
    CHECK(created > 300 && copies > 300 && reads > 2000);
    return 0;
}
