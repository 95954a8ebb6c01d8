/* SPDX-License-Identifier: MIT */
/* The program made anew from its image. The image is checked as something from outside. */
#include <string.h>

#include <iris/calls.h>
#include <iris/state.h>

#include "checkpoint.h"
#include "save.h"
#include "slots.h"

#define PAGE IRIS_PAGE_SIZE

/* Our handles of what is made, until the program has its own. */
static struct {
    uint32_t ports[SAVE_PORTS_MAX], portals[SAVE_PORTALS_MAX], threads[SAVE_THREADS_MAX];
    uint32_t ports_count, portals_count, threads_count;
    uint32_t dead; /* a portal that is destroyed in the end */
    struct iris_state states[SAVE_THREADS_MAX];
} made;

static uint32_t slot(void)
{
    int found = iris_slot_alloc();
    return found > 0 ? (uint32_t)found : 0;
}

/* ---- Memory ---- */

static bool restore_region(struct nest *nest, struct image *image)
{
    uint32_t address = image_take_word(image), size = image_take_word(image);
    bool writable = image_take_word(image);
    uint32_t touched = image_take_word(image);
    struct nest_region *region;

    if (image->bad || nest_add_region(nest, address, size, writable, &region) < 0)
        return false;
    for (; touched > 0; touched--) {
        uint32_t page = image_take_word(image);
        if (image->bad || page >= region->size / PAGE)
            return false;
        image_take(image, (void *)(region->own + page * PAGE), PAGE);
        nest_touch_page(region, page);
    }
    return !image->bad;
}

static bool restore_memory(struct nest *nest, struct image *image)
{
    bool good = true;

    for (uint32_t count = image_take_word(image); count > 0 && good; count--)
        good = restore_region(nest, image);
    return good;
}

/* ---- Threads ---- */

static bool create_threads(const struct nest *nest, struct image *image)
{
    uint32_t count = image_take_word(image);

    if (count > SAVE_THREADS_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t utcb_slot = image_take_word(image), priority = image_take_word(image);
        image_take(image, &made.states[i], sizeof made.states[i]);
        made.threads[i] = slot();
        made.threads_count = i + 1;
        if (image->bad || iris_thread_create(nest->space, made.threads[i], utcb_slot, priority) < 0)
            return false;
    }
    return true;
}

/* Each is bound to its port, and stands still. */
static bool write_threads(struct image *image)
{
    for (uint32_t i = 0; i < made.threads_count; i++) {
        uint32_t port = image_take_word(image);
        made.states[i].registers.port = port < made.ports_count ? made.ports[port] : 0;
        if (image->bad ||
            iris_thread_exchange_registers(made.threads[i], IRIS_STATE_WRITE, &made.states[i]) < 0)
            return false;
    }
    return true;
}

/* ---- Handles ---- */

static bool create_ports(struct image *image)
{
    uint32_t count = image_take_word(image), portals = image_take_word(image);

    if (count > SAVE_PORTS_MAX || portals > SAVE_PORTALS_MAX)
        return false;
    for (; made.ports_count < count; made.ports_count++)
        if (iris_port_create(made.ports[made.ports_count] = slot()) < 0)
            return false;
    for (; made.portals_count < portals; made.portals_count++) {
        const uint32_t rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY;
        struct saved_portal saved;
        image_take(image, &saved, sizeof saved);
        if (image->bad || saved.port >= count ||
            iris_portal_create(made.ports[saved.port], made.portals[made.portals_count] = slot(),
                               saved.badge, saved.rights & rights, saved.mask) < 0)
            return false;
    }
    return true;
}

static uint32_t source_of(const struct nest *nest, const struct saved_handle *saved)
{
    switch (saved->kind) {
    case SAVED_DEAD:
        return made.dead;
    case SAVED_SPACE:
        return nest->space;
    case SAVED_THREAD:
        return saved->index < made.threads_count ? made.threads[saved->index] : 0;
    case SAVED_PORT:
        return saved->index < made.ports_count ? made.ports[saved->index] : 0;
    case SAVED_PORTAL:
        return saved->index < made.portals_count ? made.portals[saved->index] : 0;
    case SAVED_NAMED:
        return saved->index < NEST_NAMES ? nest_named(nest, saved->index) : 0;
    default:
        return 0;
    }
}

static bool give_handles(const struct nest *nest, struct image *image)
{
    struct saved_handle saved;

    for (uint32_t count = image_take_word(image); count > 0; count--) {
        image_take(image, &saved, sizeof saved);
        uint32_t source = source_of(nest, &saved);
        if (image->bad || source == 0 ||
            iris_handle_copy(source, nest->space, saved.slot, saved.rights & IRIS_RIGHT_ALL) < 0)
            return false;
    }
    return true;
}

/* ---- All of it ---- */

static void let_go(uint32_t *slots, uint32_t *count)
{
    while (*count > 0)
        iris_handle_discard(slots[--*count]);
}

const char *nest_restore(struct nest *nest, struct image *image)
{
    const char *problem = NULL;

    if (!image_unseal(image))
        return "the image is damaged";
    memset(&made, 0, sizeof made);
    made.dead = slot();
    if (nest_create(nest) < 0 ||
        iris_portal_create(nest->port, made.dead, 0, IRIS_RIGHT_COPY, 0) < 0)
        problem = "no space for it";
    else if (!restore_memory(nest, image))
        problem = "its memory cannot be restored";
    else if (!create_threads(nest, image))
        problem = "its threads cannot be made";
    else if (!create_ports(image) || !give_handles(nest, image))
        problem = "its handles cannot be restored";
    else if (!write_threads(image))
        problem = "its threads cannot be restored";
    iris_object_destroy(made.dead);
    iris_handle_discard(made.dead);
    let_go(made.ports, &made.ports_count);
    let_go(made.portals, &made.portals_count);
    for (uint32_t i = 0; i < made.threads_count && problem == NULL; i++)
        iris_thread_exchange_registers(made.threads[i], IRIS_STATE_RESUME, NULL);
    let_go(made.threads, &made.threads_count);
    return problem;
}
