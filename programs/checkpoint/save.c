/* SPDX-License-Identifier: MIT */
/* Stopping the program and writing down all of it. The order here is the order in the image. */
#include <string.h>

#include <iris/calls.h>
#include <iris/state.h>
#include <iris/vdso.h>

#include "checkpoint.h"
#include "save.h"

#define PAGE IRIS_PAGE_SIZE

/* ---- Stopping ---- */

static int list_threads(const struct nest *nest, struct iris_thread_info *threads)
{
    int count = 0, got;

    while ((got = iris_space_inspect(nest->space, IRIS_INSPECT_THREADS,
                                     count ? threads[count - 1].utcb_slot + 1 : 0, &threads[count],
                                     (uint32_t)(SAVE_THREADS_MAX - count))) > 0)
        count += got;
    return got < 0 ? got : count;
}

static int exchange(const struct nest *nest, uint32_t utcb_slot, uint32_t selector,
                    struct iris_state *state)
{
    return iris_thread_exchange_registers(nest->space, selector | IRIS_STATE_SLOT(utcb_slot),
                                          state);
}

/* Its call is being served, and within the program. */
static bool is_served_inside(const struct iris_thread_info *thread, uint32_t space)
{
    return (thread->state == IRIS_THREAD_CALLING || thread->state == IRIS_THREAD_KEPT) &&
           thread->partner_space == space;
}

/* True: all stand still, as far as they should. */
static bool halt_all(const struct nest *nest, bool patient, bool last,
                     struct iris_thread_info *threads, int count)
{
    struct iris_space_info space = {0};
    bool all = true;

    iris_space_inspect(nest->space, IRIS_INSPECT_SPACE, 0, &space, 1);
    for (int i = 0; i < count; i++) {
        if (threads[i].state == IRIS_THREAD_HALTED)
            continue;
        if (!patient || last || !threads[i].caller)
            exchange(nest, threads[i].utcb_slot, IRIS_STATE_HALT, NULL);
        all &= !patient && is_served_inside(&threads[i], space.id);
    }
    return all;
}

/*
 * Halts every thread. One that serves another may finish that first, and one whose call is being
 * served stops when the answer is there: so calls are seldom cut. What lasts longer than a moment
 * is cut nevertheless (ECANCELED); the impatient wait only for calls that leave the program, whose
 * effects outside would be in doubt.
 */
static int stop(struct nest *nest, bool patient, struct iris_thread_info *threads)
{
    for (unsigned moment = 1; moment <= SAVE_MOMENTS && !nest->ended; moment++) {
        int count = list_threads(nest, threads);
        if (halt_all(nest, patient, moment == SAVE_MOMENTS, threads, count))
            break;
        nest_serve(nest, iris_clock_monotonic() + 1000000);
    }
    return list_threads(nest, threads);
}

static void resume_all(const struct nest *nest, const struct iris_thread_info *threads, int count)
{
    for (int i = 0; i < count; i++)
        exchange(nest, threads[i].utcb_slot, IRIS_STATE_RESUME, NULL);
}

/* ---- Memory ---- */

static void save_region(const struct nest_region *region, struct image *image, struct tally *tally)
{
    uint32_t pages = region->size / PAGE, touched = 0;

    for (uint32_t page = 0; page < pages; page++)
        touched += nest_page_touched(region, page);
    image_put_word(image, region->address);
    image_put_word(image, region->size);
    image_put_word(image, region->writable);
    image_put_word(image, touched);
    for (uint32_t page = 0; page < pages; page++)
        if (nest_page_touched(region, page)) {
            image_put_word(image, page);
            image_put(image, (const void *)(region->own + page * PAGE), PAGE);
        }
    tally->pages += touched;
}

static void save_memory(const struct nest *nest, struct image *image, struct tally *tally)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < NEST_REGIONS; i++)
        count += nest->regions[i].size != 0;
    image_put_word(image, count);
    for (unsigned i = 0; i < NEST_REGIONS; i++)
        if (nest->regions[i].size != 0)
            save_region(&nest->regions[i], image, tally);
}

/* ---- Handles ---- */

struct census {
    struct iris_handle_info handles[SAVE_HANDLES_MAX];
    uint32_t count;
    uint32_t ports[SAVE_PORTS_MAX]; /* ids */
    uint32_t ports_count;
    struct iris_handle_info portals[SAVE_PORTALS_MAX]; /* one handle of each; all its rights */
    uint32_t portals_count;
    uint32_t named[NEST_NAMES]; /* ids */
};

static int index_of(const uint32_t *ids, uint32_t count, uint32_t id)
{
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] == id)
            return (int)i;
    return -1;
}

static const char *count_handle(struct census *census, const struct iris_handle_info *handle)
{
    if (handle->type == IRIS_TYPE_PORT &&
        index_of(census->ports, census->ports_count, handle->object) < 0) {
        if (census->ports_count == SAVE_PORTS_MAX)
            return "it has too many ports";
        census->ports[census->ports_count++] = handle->object;
    }
    if (handle->type != IRIS_TYPE_PORTAL ||
        index_of(census->named, NEST_NAMES, handle->object) >= 0)
        return NULL;
    for (uint32_t i = 0; i < census->portals_count; i++)
        if (census->portals[i].object == handle->object) {
            census->portals[i].rights |= handle->rights;
            return NULL;
        }
    if (census->portals_count == SAVE_PORTALS_MAX)
        return "it has too many portals";
    census->portals[census->portals_count++] = *handle;
    return NULL;
}

static const char *take_census(const struct nest *nest, struct census *census)
{
    struct iris_handle_info info;
    const char *problem = NULL;
    int got = 0;

    memset(census, 0, sizeof *census);
    for (unsigned i = 0; i < NEST_NAMES; i++)
        if (iris_handle_identify(nest_named(nest, i), 0, &info) == 0)
            census->named[i] = info.object;
    while ((got = iris_space_inspect(
                nest->space, IRIS_INSPECT_HANDLES,
                census->count ? census->handles[census->count - 1].slot + 1 : 0,
                &census->handles[census->count], SAVE_HANDLES_MAX - census->count)) > 0)
        census->count += (uint32_t)got;
    if (got < 0 || census->count == SAVE_HANDLES_MAX)
        return "its handles cannot be listed";
    for (uint32_t i = 0; i < census->count && problem == NULL; i++)
        problem = count_handle(census, &census->handles[i]);
    return problem;
}

/* What a handle is in the image: a kind, and a number among those. */
static const char *classify(const struct nest *nest, const struct census *census,
                            const struct iris_handle_info *handle,
                            const struct iris_thread_info *threads, int threads_count,
                            struct saved_handle *saved)
{
    int index = 0;

    *saved = (struct saved_handle){.slot = handle->slot, .rights = handle->rights};
    switch (handle->type) {
    case IRIS_TYPE_NONE:
    case IRIS_TYPE_REPLY: /* the call it would answer has been cut */
        saved->kind = SAVED_DEAD;
        return NULL;
    case IRIS_TYPE_PORT:
        saved->kind = SAVED_PORT;
        index = index_of(census->ports, census->ports_count, handle->object);
        break;
    case IRIS_TYPE_PORTAL:
        saved->kind = SAVED_NAMED;
        index = index_of(census->named, NEST_NAMES, handle->object);
        for (uint32_t i = 0; i < census->portals_count && index < 0; i++)
            if (census->portals[i].object == handle->object) {
                saved->kind = SAVED_PORTAL;
                index = (int)i;
            }
        break;
    case IRIS_TYPE_THREAD:
        saved->kind = SAVED_THREAD;
        for (index = threads_count - 1; index >= 0 && threads[index].id != handle->object; index--)
            continue;
        break;
    case IRIS_TYPE_SPACE: {
        struct iris_space_info info = {0};
        iris_space_inspect(nest->space, IRIS_INSPECT_SPACE, 0, &info, 1);
        saved->kind = SAVED_SPACE;
        index = info.id == handle->object && info.children == 0 ? 0 : -1;
        break;
    }
    default:
        index = -1;
    }
    saved->index = (uint32_t)index;
    return index < 0 ? "it has a handle that nobody knows a name of" : NULL;
}

static const char *save_handles(const struct nest *nest, const struct iris_thread_info *threads,
                                int threads_count, struct image *image, struct tally *tally)
{
    static struct census census;
    const char *problem = take_census(nest, &census);

    image_put_word(image, census.ports_count);
    image_put_word(image, census.portals_count);
    for (uint32_t i = 0; i < census.portals_count && problem == NULL; i++) {
        const struct iris_handle_info *portal = &census.portals[i];
        int port = index_of(census.ports, census.ports_count, portal->port);
        struct saved_portal saved = {(uint32_t)port, portal->badge, portal->rights, portal->mask};
        image_put(image, &saved, sizeof saved);
        problem = port < 0 ? "it has a portal that nobody knows a name of" : NULL;
    }
    image_put_word(image, census.count);
    for (uint32_t i = 0; i < census.count && problem == NULL; i++) {
        struct saved_handle saved;
        problem = classify(nest, &census, &census.handles[i], threads, threads_count, &saved);
        image_put(image, &saved, sizeof saved);
    }
    /* Which thread is bound to which port. */
    for (int i = 0; i < threads_count; i++)
        image_put_word(image,
                       (uint32_t)index_of(census.ports, census.ports_count, threads[i].bound_port));
    tally->handles = census.count;
    tally->ports = census.ports_count;
    return problem;
}

/* ---- Threads ---- */

static const char *save_threads(const struct nest *nest, const struct iris_thread_info *threads,
                                int count, struct image *image, struct tally *tally)
{
    struct iris_state state;

    memset(&state, 0, sizeof state);
    image_put_word(image, (uint32_t)count);
    for (int i = 0; i < count; i++) {
        if (exchange(nest, threads[i].utcb_slot, IRIS_STATE_READ, &state) < 0)
            return "a thread cannot be read";
        tally->cancelled += state.registers.state != IRIS_THREAD_HALTED;
        image_put_word(image, threads[i].utcb_slot);
        image_put_word(image, threads[i].priority);
        image_put(image, &state, sizeof state);
    }
    tally->threads = (uint32_t)count;
    return NULL;
}

const char *nest_save(struct nest *nest, bool patient, struct image *image, struct tally *tally)
{
    static struct iris_thread_info threads[SAVE_THREADS_MAX];
    *tally = (struct tally){0};
    memset(threads, 0, sizeof threads); /* the kernel does not wait for pages to come in */
    int count = stop(nest, patient, threads);
    if (nest->ended)
        return NULL;
    if (count <= 0 || count == SAVE_THREADS_MAX)
        return "its threads cannot be listed";
    save_memory(nest, image, tally);
    const char *problem = save_threads(nest, threads, count, image, tally);
    if (problem == NULL)
        problem = save_handles(nest, threads, count, image, tally);
    if (problem == NULL && image->bad)
        problem = "no memory for the image";
    if (problem == NULL)
        image_seal(image);
    else
        resume_all(nest, threads, count);
    return problem;
}
