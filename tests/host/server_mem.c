/* SPDX-License-Identifier: MIT */
/* mem's clients against a model that has a byte for each page: promises, pages given, and that a
   client leaves nothing behind, whoever else comes and goes. The kernel and the frames are fakes
   that count; pages of records are real ones, so that a use after the end is a fault. */
#include <sys/mman.h>

#include "../../servers/mem/arena.c"
#include "../../servers/mem/client.c"
#include "../../servers/mem/object.c"
#include "../../servers/mem/radix.c"
#include "../../servers/mem/region.c"
#include "../../servers/mem/view.c"

#include "server_check.h"

#define MODEL_PAGES 600u
#define STEPS 60000
#define GUESTS 40u

/* ---- Fakes ---- */

struct archive archive = {.frame = 0x1000, .size = 0x100000};
static uint8_t frame_used[1 << 16];
static uint32_t frames_used, record_pages, handles;
static uint8_t mapped[MODEL_PAGES];
static bool no_memory, many;

static uint32_t some_frame(void)
{
    uint32_t frame;

    do
        frame = 1 + random_below(many ? 0xffff : 0xfff);
    while (frame_used[frame]);
    frame_used[frame] = 1;
    frames_used++;
    return frame;
}

uint32_t frame_take(void) { return no_memory && random_below(3) == 0 ? 0 : some_frame(); }

void frame_free(uint32_t frame)
{
    CHECK(frame_used[frame] == 1);
    frame_used[frame] = 0;
    frames_used--;
}

uint32_t fill_page(const struct region *region, uint32_t index, uint32_t *flags)
{
    CHECK(index < region->pages);
    if (no_memory && random_below(3) == 0)
        return 0;
    *flags = GIVEN_OWN;
    return some_frame();
}

/* What memory objects need: server_object.c tests those. */
uint32_t frame_take_zeroed(void) { return frame_take(); }
uint32_t fill_from_archive(uint32_t offset, uint32_t size) { return (void)offset, (void)size, 0; }
uint32_t fill_from_frame(uint32_t source) { return (void)source, 0; }
int iris_handle_identify(uint32_t handle, uint32_t port, struct iris_handle_info *info)
{
    return (void)handle, (void)port, (void)info, -EBADF;
}
int iris_space_inspect(uint32_t space, uint32_t what, uint32_t cursor, void *buffer, uint32_t count)
{
    return (void)space, (void)what, (void)cursor, (void)buffer, (void)count, 0;
}

struct frame_counts frames_count(void)
{
    return (struct frame_counts){.total = 5000, .free = 5000 - frames_used};
}

int iris_slot_alloc(void) { return (int)(16 + handles++); }
void iris_slot_free(uint32_t slot) { (void)slot, handles--; }
void iris_handle_discard(uint32_t slot) { (void)slot, handles--; }
int iris_object_destroy(uint32_t handle) { return handle != 0 ? 0 : -EBADF; }

int iris_portal_create(uint32_t port, uint32_t slot, uint32_t badge, uint32_t rights, uint32_t mask)
{
    CHECK(port == MEM_SLOT_PORT && slot >= 16 && badge >= MEM_CLIENT_FIRST && mask == 0);
    CHECK(rights & IRIS_RIGHT_CALL);
    return 0;
}

/* A page of records: what was in its frame must not matter. */
static int map_records(uint32_t address)
{
    if (no_memory && random_below(3) == 0)
        return -ENOMEM;
    void *page = mmap((void *)address, PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(page == (void *)address);
    memset(page, 0xa5, PAGE);
    record_pages++;
    return 1;
}

int iris_memory_map(uint32_t space, uint32_t address, uint32_t source, uint32_t source_address,
                    uint32_t pages, uint32_t flags)
{
    uint32_t page = address / PAGE - HEAP_FIRST;

    (void)flags;
    if (space == 0)
        return map_records(address);
    if (many)
        return 1;
    CHECK(space == 99 && source == MEM_SLOT_PHYSICAL && pages == 1 && page < MODEL_PAGES);
    CHECK(frame_used[source_address / PAGE]);
    if (mapped[page])
        return -EEXIST;
    if (no_memory && random_below(3) == 0)
        return -ENOMEM;
    mapped[page] = 1;
    return 1;
}

int iris_memory_unmap(uint32_t space, uint32_t address, uint32_t pages, uint32_t flags)
{
    CHECK(pages == 1 && flags == IRIS_UNMAP_OWN);
    if (space == 0) {
        CHECK(munmap((void *)address, PAGE) == 0);
        record_pages--;
        return 0;
    }
    CHECK(space == MEM_SLOT_PHYSICAL);
    CHECK(frame_used[address / PAGE]);
    return 0;
}

/* ---- The model ---- */

static struct {
    uint8_t promised[MODEL_PAGES]; /* 1: to be read, 2: to be written */
    uint8_t given[MODEL_PAGES];
} model;

static uint32_t count(const uint8_t *bytes)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < MODEL_PAGES; i++)
        sum += bytes[i] != 0;
    return sum;
}

static void compare(struct client *client)
{
    CHECK(client->promised == count(model.promised));
    CHECK(client->reserved == client->promised - client->resident); /* all are set apart */
    CHECK(clients_reserved == client->reserved);
    CHECK(client->resident == count(model.given));
    CHECK(record_pages == client->records.pages);
    CHECK(frames_used == client->resident + record_pages);
    CHECK(record_pages > 1 || client->regions_count < 100);
    for (uint32_t i = 0; i < MODEL_PAGES; i++) {
        const struct region *region = client_region(client, HEAP_FIRST + i);
        CHECK((region != NULL) == (model.promised[i] != 0));
        CHECK(region == NULL || region->writable == (model.promised[i] == 2));
        CHECK((client_frame(client, HEAP_FIRST + i) != 0) == (model.given[i] != 0));
    }
    uint32_t end = 0;
    for (const struct region *r = client->regions; r != NULL; r = r->next) {
        CHECK(r->page >= end && r->pages > 0);
        end = r->page + r->pages;
    }
}

static void try_allocate(struct client *client)
{
    uint32_t pages = 1 + random_below(20), page;
    bool writable = random_below(2);

    if (count(model.promised) + pages > MODEL_PAGES / 2)
        return;
    page = random_below(2) ? 0 : HEAP_FIRST + random_below(MODEL_PAGES - pages);
    bool chosen = page != 0;
    int status = client_allocate(client, pages, writable, &page);
    if (status == -EEXIST) {
        bool taken = false;
        for (uint32_t i = 0; i < pages; i++)
            taken = taken || model.promised[page - HEAP_FIRST + i] != 0;
        CHECK(chosen && taken);
    }
    if (status != 0)
        return;
    CHECK(page >= HEAP_FIRST && page + pages <= HEAP_FIRST + MODEL_PAGES);
    for (uint32_t i = page - HEAP_FIRST; i < page - HEAP_FIRST + pages; i++) {
        CHECK(model.promised[i] == 0);
        model.promised[i] = writable ? 2 : 1;
    }
}

static void try_release(struct client *client)
{
    uint32_t first = random_below(MODEL_PAGES), pages = 1 + random_below(30);

    if (pages > MODEL_PAGES - first)
        pages = MODEL_PAGES - first;
    bool limited = no_memory;
    no_memory = false; /* a cut in the middle needs a record */
    CHECK(client_release(client, HEAP_FIRST + first, pages) == 0);
    no_memory = limited;
    for (uint32_t i = first; i < first + pages; i++)
        model.promised[i] = model.given[i] = mapped[i] = 0;
}

static void try_give(struct client *client)
{
    uint32_t i = random_below(MODEL_PAGES);
    bool writing = random_below(2);
    int status = client_give(client, HEAP_FIRST + i, writing);

    if (model.promised[i] == 0 || (writing && model.promised[i] == 1))
        CHECK(status == -EFAULT);
    else if (model.given[i])
        CHECK(status == 0);
    else
        CHECK(status == 0 || status == -ENOMEM);
    if (status == 0)
        model.given[i] = 1;
}

/* A mapping that the client took away itself is made again, with the same frame. */
static void try_unmap(struct client *client)
{
    uint32_t i = random_below(MODEL_PAGES), frame = client_frame(client, HEAP_FIRST + i);

    if (!model.given[i])
        return;
    mapped[i] = 0;
    bool limited = no_memory;
    no_memory = false;
    CHECK(client_give(client, HEAP_FIRST + i, false) == 0);
    no_memory = limited;
    CHECK(mapped[i] && client_frame(client, HEAP_FIRST + i) == frame);
}

static void live(bool limited)
{
    struct client *client;

    memset(&model, 0, sizeof model);
    memset(mapped, 0, sizeof mapped);
    no_memory = false;
    CHECK(client_create(MODEL_PAGES / 3, &client) == 0);
    CHECK(client_find(client->number) == client && client_attach(client, 99) == 0);
    CHECK(client_attach(client, 99) == -EBUSY);
    handles++; /* the space's */
    no_memory = limited;
    for (uint32_t i = 0; i < STEPS; i++) {
        switch (random_below(4)) {
        case 0:
            try_allocate(client);
            break;
        case 1:
            try_release(client);
            break;
        case 2:
            try_give(client);
            break;
        default:
            try_unmap(client);
        }
        CHECK(client->resident + client->records.pages <= MODEL_PAGES / 3);
        if (i % 64 == 0)
            compare(client);
    }
    uint32_t number = client->number;
    client_destroy(client);
    CHECK(client_find(number) == NULL && frames_used == 0 && handles == 0);
}

/* ---- Many clients ---- */

static struct client *newcomer(void)
{
    struct client *client;
    uint32_t heap = 0;

    CHECK(client_create(60, &client) == 0 && client_attach(client, 99) == 0);
    handles++; /* the space's */
    CHECK(client_add_region(client, &(struct region){.page = 0x3ff, .pages = 1}) == 0);
    CHECK(client_add_region(client, &(struct region){.page = 0x400, .pages = 90}) == 0);
    CHECK(client_allocate(client, 40, true, &heap) == 0 && heap == HEAP_FIRST);
    return client;
}

/* Page faults and releases until it has had enough. */
static void be_busy(struct client *client)
{
    for (uint32_t faults = random_below(80); faults > 0; faults--) {
        int status = random_below(2) ? client_give(client, 0x400 + random_below(90), false)
                                     : client_give(client, HEAP_FIRST + random_below(100), true);
        CHECK(status == 0 || status == -ENOMEM || status == -EFAULT);
        CHECK(client->resident + client->records.pages <= client->quota);
    }
    if (random_below(2))
        CHECK(client_release(client, HEAP_FIRST + random_below(80), 1 + random_below(20)) == 0);
}

static void touch_first(struct client *client)
{
    CHECK(client_give(client, 0x3ff, false) == 0 && client_give(client, 0x400, false) == 0);
    CHECK(client_give(client, HEAP_FIRST, true) == 0);
}

/* Whatever crowd came and went while one client stayed, the frames in use are what they were, and
   the next client gets the same number. */
static void crowd(struct client *resident)
{
    struct client *guests[GUESTS] = {NULL};
    uint32_t frames = frames_used, pages = record_pages, slots = handles;

    for (uint32_t step = 0; step < 4000; step++) {
        struct client **guest = &guests[random_below(GUESTS)];
        if (*guest == NULL)
            *guest = newcomer();
        else if (random_below(4) != 0)
            be_busy(*guest);
        else
            client_destroy(*guest), *guest = NULL;
        uint32_t page = HEAP_FIRST + random_below(40); /* the resident's own peak */
        CHECK(resident->resident > 20 || client_give(resident, page, true) == 0);
    }
    for (uint32_t i = 0; i < GUESTS; i++)
        if (guests[i] != NULL)
            client_destroy(guests[i]);
    CHECK(client_release(resident, HEAP_FIRST, 100) == 0);
    uint32_t heap = 0;
    CHECK(client_allocate(resident, 40, true, &heap) == 0 && heap == HEAP_FIRST);
    touch_first(resident);
    CHECK(frames_used == frames && record_pages == pages && handles == slots);
    CHECK(clients_count == 1);
    struct client *next = newcomer();
    CHECK(next->number == resident->number + 1);
    client_destroy(next);
}

static void come_and_go(void)
{
    many = true;
    struct client *resident = newcomer();
    touch_first(resident);
    CHECK(resident->records.pages == 1); /* a small client: one page for all its records */
    for (uint32_t i = 0; i < 5; i++)
        crowd(resident);
    client_destroy(resident);
    CHECK(frames_used == 0 && record_pages == 0);
    many = false;
}

/* A quota covers records too, and a release is granted even when it is used up. */
static void quota(void)
{
    struct client *client;
    uint32_t page = 0, other = 0, given = 0;

    CHECK(client_create(0, &client) == -ENOMEM);
    CHECK(client_create(520, &client) == 0 && client_attach(client, 99) == 0);
    handles++;
    many = true;
    CHECK(client_allocate(client, 504, true, &page) == -ENOMEM && client->reserved == 0);
    page = 0;
    CHECK(client_allocate(client, 500, true, &page) == 0);
    CHECK(client_allocate(client, 4, true, &other) == -ENOMEM);
    CHECK(client_add_region(client, &(struct region){.page = 0x400, .pages = 90}) == 0);
    while (client_give(client, 0x400 + given, false) == 0)
        given++;
    CHECK(given >= 12 && given < 20); /* what was set apart is not for others */
    CHECK(client_release(client, 0x400, 90) == 0);
    for (uint32_t i = 0; i < 500; i++) /* but there for whom it was set apart */
        CHECK(client_give(client, page + i, true) == 0);
    CHECK(client->reserved == 0 && client->resident == 500);
    for (uint32_t i = 5; i < 480; i += 2)
        CHECK(client_release(client, page + i, 1) == 0);
    CHECK(client->regions_count == 239 && client->records.pages <= 5);
    CHECK(client_release(client, page, 500) == 0);
    CHECK(client->records.pages == 1 && client->given.top == NULL && client->promised == 0);
    CHECK(client->reserved == 0);
    client_destroy(client);
    many = false;
}

int main(void)
{
    check_begin();
    live(false);
    live(true);
    live(false);
    CHECK(record_pages == 0);
    come_and_go();
    quota();
    struct client *a, *b;
    CHECK(client_create(1, &a) == 0 && client_create(1, &b) == 0 && a->number != b->number);
    CHECK(client_find(a->number) == a && client_find(b->number) == b);
    CHECK(client_find(b->number + 1) == NULL && client_find(MEM_BADGE_CONTROL) == NULL);
    CHECK(client_find(0) == NULL && client_find(UINT32_MAX) == NULL);
    struct region program = {.page = 0x400, .pages = 4, .file_size = PAGE};
    CHECK(client_add_region(a, &program) == 0);
    CHECK(client_add_region(a, &program) == -EEXIST);
    CHECK(client_add_region(a, &(struct region){.page = 0x3ff, .pages = 2}) == -EEXIST);
    CHECK(client_add_region(a, &(struct region){.page = 0x403, .pages = 9}) == -EEXIST);
    CHECK(client_add_region(a, &(struct region){.page = 0x3fe, .pages = 2}) == 0);
    CHECK(client_release(a, 0x400, 1) == -EPERM);
    CHECK(client_give(a, 0x400, false) == -EFAULT); /* no space attached */
    client_destroy(a);
    client_destroy(b);
    CHECK(frames_used == 0 && record_pages == 0 && handles == 0);
    return 0;
}
