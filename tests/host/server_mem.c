/* SPDX-License-Identifier: MIT */
/* mem's clients against a model that has a byte for each page: promises, pages given, and that a
   client leaves nothing behind. The kernel and the frames are fakes that count. */
#include "../../servers/mem/client.c"
#include "../../servers/mem/radix.c"

#include "server_check.h"

#define MODEL_PAGES 600u
#define STEPS 60000

/* ---- Fakes ---- */

struct archive archive = {.frame = 0x1000, .size = 0x100000};
static uint8_t frame_used[1 << 16];
static uint32_t frames_used, records, handles;
static uint8_t mapped[MODEL_PAGES];
static bool no_memory;

void *slab_take(struct slab_cache *cache)
{
    if (no_memory && random_below(3) == 0)
        return NULL;
    records++;
    return calloc(1, cache->size);
}

void slab_free(struct slab_cache *cache, void *record)
{
    (void)cache;
    records--;
    free(record);
}

void frame_free(uint32_t frame)
{
    CHECK(frame_used[frame] == 1);
    frame_used[frame] = 0;
    frames_used--;
}

uint32_t fill_page(const struct region *region, uint32_t index, uint32_t *flags)
{
    uint32_t frame;

    CHECK(index < region->pages);
    if (no_memory && random_below(3) == 0)
        return 0;
    do
        frame = 1 + random_below(0xfff);
    while (frame_used[frame]);
    frame_used[frame] = 1;
    frames_used++;
    *flags = GIVEN_OWN;
    return frame;
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

int iris_memory_map(uint32_t space, uint32_t address, uint32_t source, uint32_t source_address,
                    uint32_t pages, uint32_t flags)
{
    uint32_t page = address / PAGE - HEAP_FIRST;

    (void)flags;
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
    CHECK(space == MEM_SLOT_PHYSICAL && pages == 1 && flags == IRIS_UNMAP_OWN);
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
    CHECK(client->resident == count(model.given));
    CHECK(frames_used == client->resident);
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
    if (client_allocate(client, pages, writable, &page) != 0)
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
        CHECK(client->resident <= MODEL_PAGES / 3);
        if (i % 64 == 0)
            compare(client);
    }
    uint32_t number = client->number;
    client_destroy(client);
    CHECK(client_find(number) == NULL && frames_used == 0 && handles == 0);
}

int main(void)
{
    check_begin();
    live(false);
    uint32_t left = records; /* the table of clients */
    live(true);
    live(false);
    CHECK(records == left && left == 3);
    struct client *a, *b;
    CHECK(client_create(1, &a) == 0 && client_create(1, &b) == 0 && a->number != b->number);
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
    radix_clear(&clients);
    CHECK(records == 0);
    return 0;
}
