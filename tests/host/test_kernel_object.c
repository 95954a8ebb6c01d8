/* SPDX-License-Identifier: MIT */
/*
 * Objects: small objects cut from pages, rings of entries, and the handle calls, against plain
 * tables. Every page and every object must be back at the end.
 */
#include "../../kernel/handle.c"
#include "../../kernel/object.c"

#include "kernel_pages.h"

#define STEPS 200000
#define OBJECTS 12
#define SLOTS (ENTRIES_PER_PAGE * 3) /* of each space */
#define SPACES 2

void *host_current_page;
uint64_t host_cycles;
struct entry arch_dead_page[ENTRIES_PER_PAGE];
struct port dead_port;

static struct space spaces[SPACES];
static struct space *current_space = &spaces[0];
static struct entry *tables[SPACES][IRIS_HANDLE_LIMIT / ENTRIES_PER_PAGE];

/* ---- What the kernel files call ---- */

struct space *space_current(void) { return current_space; }

struct entry *arch_handle_page(const struct space *space, unsigned n)
{
    struct entry *page = tables[space - spaces][n];

    return page ? page : arch_dead_page;
}

int arch_region_make(struct space *space)
{
    (void)space;
    return 0;
}
void arch_handle_page_set(struct space *space, unsigned n, struct entry *page)
{
    tables[space - spaces][n] = page;
}

int arch_copy_out(uint32_t address, const void *from, size_t bytes)
{
    memcpy((void *)(uintptr_t)address, from, bytes);
    return 0;
}

/* Kinds of object in this test. Spaces come first, so that handles to them exist. */
enum kind { SPACE, PORT, PORTAL, THREAD };
static struct object_model {
    enum kind kind;
    bool alive;
    void *memory;
    struct object *object;
    int port;          /* PORTAL: index of its port */
    bool disconnected; /* PORTAL: the last client has gone */
} objects[OBJECTS];

static struct entry_model {
    bool used;
    int object; /* -1: dead */
    uint8_t rights;
} entries[SPACES][SLOTS];

static int port_to_reap = -1; /* port_reap was asked for */
static unsigned reap_refusals;

static int object_index(const struct object *object)
{
    for (int i = 0; i < OBJECTS; i++)
        if (objects[i].alive && objects[i].object == object)
            return i;
    TEST_FAIL("an object that does not exist is used");
}

/* The real one is a chain of steps; here the first calls only say so. */
bool port_reap(struct port *port)
{
    if (test_chance(2)) {
        reap_refusals++;
        return false;
    }
    CHECK(object_retarget(&port->object, ~0u));
    port_to_reap = object_index(&port->object);
    return true;
}

void portal_client_added(struct portal *portal)
{
    objects[object_index(&portal->object)].disconnected = false;
}

void portal_client_gone(struct portal *portal)
{
    objects[object_index(&portal->object)].disconnected = true;
}

bool portal_reap(struct portal *portal)
{
    (void)portal;
    TEST_FAIL("not called here");
}
int space_destroy(struct space *space)
{
    (void)space;
    TEST_FAIL("not called here");
}
void thread_destroy(struct thread *thread, enum iris_exit_reason reason, uint32_t code)
{
    (void)thread, (void)reason, (void)code;
    TEST_FAIL("not called here");
}
void irq_closed(struct object *object, const struct space *holder)
{
    (void)object, (void)holder;
    TEST_FAIL("not called here");
}
void ipc_fail(struct thread *thread, unsigned error)
{
    (void)thread, (void)error;
    TEST_FAIL("not called here");
}

/* As a caller does it that comes again. */
static struct entry *slot_made(struct space *space, uint32_t slot, int *error)
{
    struct entry *entry = handle_slot(space, slot, true, error);

    return !entry && *error == SYS_RESTART ? handle_slot(space, slot, true, error) : entry;
}

/* ---- The model ---- */

static unsigned model_clients(int object, uint8_t need, uint8_t must_not)
{
    unsigned count = 0;

    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < SLOTS; i++)
            count += entries[s][i].used && entries[s][i].object == object &&
                     (entries[s][i].rights & need) == need && !(entries[s][i].rights & must_not);
    return count;
}

static void compare_entry(const struct space *space, unsigned slot)
{
    const struct entry_model *m = &entries[space - spaces][slot];
    const struct entry *e =
        &arch_handle_page(space, slot / ENTRIES_PER_PAGE)[slot % ENTRIES_PER_PAGE];

    CHECK(e->object && e->port);
    if (!m->used) {
        CHECK(!e->used && e->object == &dead_object && e->port == &dead_port);
        CHECK(handle_find((struct space *)space, slot) == NULL);
        return;
    }
    CHECK(handle_find((struct space *)space, slot) == e && e->used == 1);
    if (m->object < 0) {
        CHECK(e->type == IRIS_TYPE_NONE && e->object == &dead_object && e->port == &dead_port);
        CHECK(list_empty(&e->ring) && e->rights == 0 && e->badge == 0);
        return;
    }
    const struct object_model *o = &objects[m->object];
    CHECK(e->object == o->object && e->type == o->object->type && e->rights == m->rights);
    struct port *callable = &dead_port;
    if (o->kind == PORTAL && m->rights & IRIS_RIGHT_CALL)
        callable = objects[o->port].memory;
    CHECK(e->port == callable);
    CHECK_EQUAL(e->badge, o->kind == PORTAL ? 1000 + m->object : 0);
}

static void compare_object(int index)
{
    const struct object_model *o = &objects[index];
    unsigned length = 0;

    list_for_each (node, &o->object->ring) {
        CHECK(node->next->prev == node && node->prev->next == node);
        CHECK(container_of(node, struct entry, ring)->object == o->object);
        length++;
    }
    CHECK_EQUAL(length, model_clients(index, 0, 0));
    CHECK_EQUAL(o->object->entries, length);
    if (o->kind == PORT)
        CHECK_EQUAL(((struct port *)o->memory)->receivers,
                    model_clients(index, IRIS_RIGHT_RECEIVE, 0));
    if (o->kind == PORTAL) {
        unsigned clients = model_clients(index, 0, IRIS_RIGHT_CONTROL);
        CHECK_EQUAL(((struct portal *)o->memory)->clients, clients);
        CHECK(clients == 0 || !o->disconnected);
    }
}

static void compare(void)
{
    for (unsigned s = 0; s < SPACES; s++) {
        unsigned used = 0;
        for (unsigned i = 1; i < SLOTS; i++) {
            compare_entry(&spaces[s], i);
            used += entries[s][i].used;
        }
        CHECK_EQUAL(spaces[s].handles, used);
    }
    for (int i = 0; i < OBJECTS; i++)
        if (objects[i].alive)
            compare_object(i);
    CHECK(list_empty(&dead_object.ring));
}

/* ---- Operations ---- */

static unsigned some_slot(void) { return 1 + test_below(SLOTS - 1); }

static void make_first_handle(int index, uint8_t rights)
{
    int error;
    struct space *space = &spaces[test_below(SPACES)];
    unsigned slot = some_slot();
    struct entry_model *m = &entries[space - spaces][slot];
    struct entry *entry = slot_made(space, slot, &error);

    CHECK_EQUAL(error, m->used ? -EEXIST : entry ? 0 : -ENOMEM);
    if (!entry)
        return;
    handle_new(space, entry, objects[index].object, rights);
    *m = (struct entry_model){true, index, rights};
}

static void create(void)
{
    int i = (int)test_below(OBJECTS);
    struct object_model *o = &objects[i];
    static const enum iris_object_type types[] = {IRIS_TYPE_SPACE, IRIS_TYPE_PORT, IRIS_TYPE_PORTAL,
                                                  IRIS_TYPE_THREAD};

    if (o->alive)
        return;
    *o = (struct object_model){.kind = test_chance(2) ? PORT : test_chance(2) ? PORTAL : THREAD};
    if (o->kind == PORTAL) {
        o->port = (int)test_below(OBJECTS);
        if (!objects[o->port].alive || objects[o->port].kind != PORT)
            return;
    }
    if (o->kind == THREAD) {
        o->memory = o->object = calloc(1, sizeof(struct object));
    } else {
        o->memory = object_alloc(&spaces[0], OBJECT_128);
        if (!o->memory)
            return;
        o->object = o->kind == PORT ? &((struct port *)o->memory)->object
                                    : &((struct portal *)o->memory)->object;
    }
    object_init(o->object, types[o->kind], &spaces[0]);
    o->alive = true;
    if (o->kind == PORTAL) {
        struct portal *portal = o->memory;
        portal->port = objects[o->port].memory;
        portal->badge = 1000u + (uint32_t)i;
        portal->rights = (uint8_t)(test_random() | IRIS_RIGHT_COPY);
    }
    make_first_handle(i,
                      o->kind == PORT && test_chance(2) ? IRIS_RIGHT_ALL : (uint8_t)test_random());
}

static void object_gone(int index)
{
    struct object_model *o = &objects[index];

    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < SLOTS; i++)
            if (entries[s][i].used && entries[s][i].object == index) {
                entries[s][i].object = -1;
                entries[s][i].rights = 0;
            }
    if (o->kind == THREAD)
        free(o->memory);
    else
        object_free(o->memory);
    o->alive = false;
    for (int i = 0; i < OBJECTS && o->kind == PORT; i++)
        if (objects[i].alive && objects[i].kind == PORTAL && objects[i].port == index) {
            CHECK(object_retarget(objects[i].object, ~0u)); /* as port_reap does with portals */
            object_gone(i);
        }
}

static void destroy(void)
{
    int i = (int)test_below(OBJECTS);
    unsigned before, steps = test_below(6);

    if (!objects[i].alive || objects[i].kind == SPACE)
        return;
    while (!(before = objects[i].object->entries, object_retarget(objects[i].object, steps))) {
        CHECK(objects[i].object->dying);
        CHECK_EQUAL(before - objects[i].object->entries, steps);
        steps = 1 + test_below(6);
    }
    object_gone(i);
}

static void model_close(struct entry_model *m)
{
    m->used = false;
    if (port_to_reap >= 0)
        object_gone(port_to_reap);
    port_to_reap = -1;
}

static bool is_last_receiver_model(const struct entry_model *m)
{
    return m->used && m->object >= 0 && objects[m->object].kind == PORT &&
           m->rights & IRIS_RIGHT_RECEIVE && model_clients(m->object, IRIS_RIGHT_RECEIVE, 0) == 1;
}

static void close_handle(struct space *space, unsigned slot)
{
    struct entry_model *m = &entries[space - spaces][slot];
    int object = m->object, result;
    bool last_receiver = is_last_receiver_model(m);
    bool last_client = m->used && object >= 0 && objects[object].kind == PORTAL &&
                       !(m->rights & IRIS_RIGHT_CONTROL) &&
                       model_clients(object, 0, IRIS_RIGHT_CONTROL) == 1;

    current_space = space;
    while ((result = sys_handle_close(slot)) == SYS_RESTART)
        CHECK(last_receiver && m->used);
    CHECK_EQUAL(result, m->used ? 0 : -EBADF);
    CHECK((port_to_reap >= 0) == last_receiver);
    if (last_client)
        CHECK(objects[object].disconnected);
    if (m->used)
        model_close(m);
}

static int space_handle_slot(const struct space *space, const struct space *target)
{
    return space == target ? 0 : 1; /* slot 1 of each space is the other */
}

static int expected_copy_error(const struct space *space, unsigned from, unsigned to,
                               const struct space *target, uint32_t rights)
{
    const struct entry_model *m = &entries[space - spaces][from];

    if (!m->used)
        return -EBADF;
    if (m->object < 0)
        return -EDEAD;
    if (!(m->rights & IRIS_RIGHT_COPY))
        return -EPERM;
    if (rights & IRIS_MOVE && is_last_receiver_model(m) && !(rights & IRIS_RIGHT_RECEIVE))
        return -EPERM;
    return to == 0 || to >= IRIS_HANDLE_LIMIT  ? -EINVAL
           : entries[target - spaces][to].used ? -EEXIST
                                               : 0;
}

static void copy_handle(void)
{
    struct space *space = &spaces[test_below(SPACES)], *target = &spaces[test_below(SPACES)];
    unsigned from = 2 + test_below(SLOTS - 2), to = test_chance(50) ? 0 : some_slot();
    uint32_t rights = (test_random() & 0xff) | (test_chance(2) ? IRIS_MOVE : 0);
    struct entry_model *m = &entries[space - spaces][from];
    int expected = expected_copy_error(space, from, to, target, rights);
    int object = m->object;
    uint8_t given = m->rights;

    current_space = space;
    int result;
    do
        result = sys_handle_copy(from, (uint32_t)space_handle_slot(space, target), to, rights);
    while (result == SYS_RESTART);
    if (result == -ENOMEM && expected == 0) {
        CHECK_EQUAL(target->pages_used, target->pages_limit);
        return;
    }
    CHECK_EQUAL(result, expected);
    if (result)
        return;
    given &= rights;
    if (objects[object].kind == PORTAL && !(given & IRIS_RIGHT_CONTROL))
        given &= ((struct portal *)objects[object].memory)->rights;
    entries[target - spaces][to] = (struct entry_model){true, object, given};
    if (rights & IRIS_MOVE)
        m->used = false;
}

static void look_up(void)
{
    int error;
    unsigned slot = test_chance(20) ? IRIS_HANDLE_LIMIT + test_below(4) : test_below(SLOTS);
    uint8_t rights = (uint8_t)(test_random() & test_random() & test_random());
    enum iris_object_type type = (enum iris_object_type)test_below(5);
    int expected = 0;
    struct entry_model *m = slot < SLOTS ? &entries[0][slot] : NULL;

    current_space = &spaces[0];
    struct entry *entry = handle_get(slot, type, rights, &error);
    if (!m || !m->used)
        expected = -EBADF;
    else if (m->object < 0)
        expected = -EDEAD;
    else if (type != IRIS_TYPE_NONE && objects[m->object].object->type != type)
        expected = -EBADF;
    else if ((m->rights & rights) != rights)
        expected = -EPERM;
    CHECK_EQUAL(error, expected);
    CHECK((entry != NULL) == (expected == 0));
}

/* ---- Pages of small objects alone ---- */

#define PIECES 600

static void slabs(void)
{
    static struct {
        unsigned char *at, mark;
        unsigned size;
    } pieces[PIECES];
    struct space *space = &spaces[1];
    unsigned before = space->pages_used;

    for (unsigned n = 0; n < 40000; n++, test_step++) {
        unsigned i = test_below(test_below(10000) < n / 4 ? PIECES : PIECES / 8);
        if (pieces[i].at) {
            for (unsigned k = 0; k < pieces[i].size; k++)
                CHECK_EQUAL(pieces[i].at[k], pieces[i].mark);
            object_free(pieces[i].at);
            pieces[i].at = NULL;
            continue;
        }
        enum object_class class = test_chance(2) ? OBJECT_32 : OBJECT_128;
        bool full = space->pages_used == space->pages_limit && list_empty(&space->slabs[class]);
        unsigned char *at = object_alloc(space, class);
        CHECK((at == NULL) == full);
        if (!at)
            continue;
        pieces[i].at = at;
        pieces[i].size = class == OBJECT_32 ? 32 : 128;
        CHECK((uintptr_t)at % 32 == 0 && (uintptr_t)at % PAGE_SIZE >= pieces[i].size);
        for (unsigned k = 0; k < pieces[i].size; k++)
            CHECK_EQUAL(at[k], 0);
        pieces[i].mark = (unsigned char)test_random();
        memset(at, pieces[i].mark, pieces[i].size);
    }
    for (unsigned i = 0; i < PIECES; i++)
        if (pieces[i].at)
            object_free(pieces[i].at);
    CHECK_EQUAL(space->pages_used, before);
    CHECK(list_empty(&space->slabs[OBJECT_32]) && list_empty(&space->slabs[OBJECT_128]));
}

/* Objects that come one before the last one goes keep no page of their own if others have room. */
static void slabs_drain(void)
{
    static void *lasting[PAGE_SIZE / 128 - 1];
    struct space *space = &spaces[1];
    unsigned before = space->pages_used;

    for (unsigned i = 0; i < PAGE_SIZE / 128 - 1; i++)
        lasting[i] = object_alloc(space, OBJECT_128);
    void *last = object_alloc(space, OBJECT_128);
    CHECK_EQUAL(space->pages_used, before + 2);
    object_free(lasting[0]);
    lasting[0] = object_alloc(space, OBJECT_128);
    object_free(last);
    CHECK_EQUAL(space->pages_used, before + 1);
    for (unsigned i = 0; i < PAGE_SIZE / 128 - 1; i++)
        object_free(lasting[i]);
    CHECK_EQUAL(space->pages_used, before);
}

static void spaces_begin(void)
{
    for (unsigned i = 0; i < ENTRIES_PER_PAGE; i++) {
        arch_dead_page[i].port = &dead_port;
        arch_dead_page[i].object = &dead_object;
        list_init(&arch_dead_page[i].ring);
    }
    for (unsigned s = 0; s < SPACES; s++)
        space_fake(&spaces[s], 8);
    slabs();
    slabs_drain();
    for (unsigned s = 0; s < SPACES; s++) {
        int error;
        struct entry *entry = slot_made(&spaces[s], 1, &error);
        objects[s] = (struct object_model){SPACE, true, NULL, &spaces[s].object, 0, false};
        CHECK(entry);
        handle_new(&spaces[s], entry, &spaces[!s].object, IRIS_RIGHT_CONTROL);
        entries[s][1] = (struct entry_model){true, !s, IRIS_RIGHT_CONTROL};
    }
}

static void everything_back(void)
{
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 1; i < SLOTS; i++)
            if (entries[s][i].used)
                close_handle(&spaces[s], i);
    compare();
    for (int i = 0; i < OBJECTS; i++)
        if (objects[i].alive && objects[i].kind != SPACE) {
            CHECK(object_retarget(objects[i].object, 1));
            object_gone(i);
        }
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned n = 0; n < SLOTS / ENTRIES_PER_PAGE; n++)
            if (tables[s][n])
                account_page_free(tables[s][n]);
    CHECK_EQUAL(pages_live, 0);
    CHECK(spaces[0].pages_used == 0 && spaces[1].pages_used == 0);
}

int main(void)
{
    test_begin();
    spaces_begin();
    for (; test_step < STEPS; test_step++) {
        switch (test_below(8)) {
        case 0:
            create();
            break;
        case 1:
            if (test_chance(4))
                destroy();
            break;
        case 2:
        case 3:
            close_handle(&spaces[test_below(SPACES)], 2 + test_below(SLOTS - 2));
            break;
        case 4:
            look_up();
            break;
        default:
            copy_handle();
        }
        if (test_step % 16 == 0)
            compare();
    }
    everything_back();
    CHECK(reap_refusals > 0);
    return test_end();
}
