/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <errno.h>
#include <string.h>

#include <iris/layout.h>

#include "memory.h"        /* generated from servers/mem/memory.idl */
#include "memory_object.h" /* generated from servers/mem/memory_object.idl */
#include "pool.h"
#include "slab.h"

#define PAGE IRIS_PAGE_SIZE

static uint32_t in_pages(uint32_t size) { return (size + PAGE - 1) / PAGE; }

/* ---- Pages ---- */

/* Where page `index` is noted; NULL: in a hole too large to be noted, or, if it is to be made,
   there is no memory for a table. */
static uint8_t **place_of(struct store *store, uint32_t index, bool make)
{
    if (index == 0)
        return &store->first;
    if (store->later == NULL && make)
        store->later = slab_alloc(STORE_BRANCH * sizeof *store->later);
    if (store->later == NULL)
        return NULL;
    uint8_t ***table = &store->later[index / STORE_BRANCH];
    if (*table == NULL && make)
        *table = slab_alloc(STORE_BRANCH * sizeof **table);
    return *table != NULL ? &(*table)[index % STORE_BRANCH] : NULL;
}

static uint8_t *page_to_read(struct store *store, uint32_t index)
{
    static const uint8_t zeroes[PAGE];
    uint8_t **place;

    if (index < store->object_size / PAGE)
        return store->mapped + index * PAGE;
    place = place_of(store, index, false);
    return place != NULL && *place != NULL ? *place : (uint8_t *)(uintptr_t)zeroes;
}

/* NULL: no memory. */
static uint8_t *page_to_write(struct store *store, uint32_t index)
{
    if (index < store->object_size / PAGE)
        return store->mapped + index * PAGE;
    uint8_t **place = place_of(store, index, true);
    if (place != NULL && *place == NULL)
        *place = pool_take();
    return place != NULL ? *place : NULL;
}

static void page_free(struct store *store, uint32_t index)
{
    uint8_t **place = place_of(store, index, false);

    if (place == NULL || *place == NULL)
        return;
    pool_give(*place);
    *place = NULL;
}

/* Pages and tables from a page on. */
static void free_pages(struct store *store, uint32_t index)
{
    if (index == 0)
        page_free(store, index++);
    if (store->later == NULL)
        return;
    for (; index % STORE_BRANCH != 0 && index > 1; index++)
        page_free(store, index);
    for (uint32_t table = index / STORE_BRANCH; table < STORE_BRANCH; table++) {
        if (store->later[table] == NULL)
            continue;
        for (uint32_t i = 0; i < STORE_BRANCH; i++)
            if (store->later[table][i] != NULL)
                pool_give(store->later[table][i]);
        slab_free(store->later[table]);
        store->later[table] = NULL;
    }
    if (index <= 1) {
        slab_free(store->later);
        store->later = NULL;
    }
}

uint32_t store_pages(const struct store *store)
{
    uint32_t count = store->object_size / PAGE + (store->first != NULL);

    for (uint32_t table = 0; store->later != NULL && table < STORE_BRANCH; table++)
        for (uint32_t i = 0; store->later[table] != NULL && i < STORE_BRANCH; i++)
            count += store->later[table][i] != NULL;
    return count;
}

/* ---- Reading and writing ---- */

int store_read(struct store *store, uint32_t offset, struct iris_buffer_ref data, uint32_t count)
{
    for (uint32_t done = 0; done < count;) {
        uint32_t at = offset + done, in_page = at % PAGE;
        uint32_t part = PAGE - in_page < count - done ? PAGE - in_page : count - done;
        int status = iris_buffer_write(data, done, page_to_read(store, at / PAGE) + in_page, part);
        if (status < 0)
            return status;
        if ((uint32_t)status < part) /* the buffer is not as long as it was said to be */
            return -EFAULT;
        done += part;
    }
    return (int)count;
}

/* One page's part of a write: how many bytes. */
static int write_part(struct store *store, uint32_t at, struct iris_buffer_ref data, uint32_t from)
{
    uint32_t in_page = at % PAGE;
    uint32_t part = PAGE - in_page < data.length - from ? PAGE - in_page : data.length - from;
    uint8_t *page = at / PAGE < STORE_PAGES_MAX ? page_to_write(store, at / PAGE) : NULL;

    return page != NULL ? iris_buffer_read(data, from, page + in_page, part) : -ENOSPC;
}

/* What others have written behind the end through their mapping is not of the file. */
static void clear_behind_end(struct store *store)
{
    if (store->size < store->object_size)
        memset(store->mapped + store->size, 0, store->object_size - store->size);
}

int store_write(struct store *store, uint32_t offset, struct iris_buffer_ref data)
{
    uint32_t done = 0;
    int status = iris_buffer_probe(data, false);

    if (status < 0)
        return status;
    if (offset >= STORE_PAGES_MAX * PAGE)
        return -EFBIG;
    if (offset > store->size)
        clear_behind_end(store);
    while (done < data.length) {
        status = write_part(store, offset + done, data, done);
        if (status <= 0)
            break;
        done += (uint32_t)status;
    }
    if (done > 0 && offset + done > store->size)
        store->size = offset + done;
    return done > 0 || status >= 0 ? (int)done : status;
}

int store_resize(struct store *store, uint32_t size)
{
    if (size > STORE_PAGES_MAX * PAGE)
        return -EFBIG;
    if (size < store->size) {
        uint32_t object_end = store->object_size < store->size ? store->object_size : store->size;
        if (size < object_end)
            memset(store->mapped + size, 0, object_end - size);
        else if (size % PAGE != 0 && place_of(store, size / PAGE, false) != NULL &&
                 *place_of(store, size / PAGE, false) != NULL)
            memset(*place_of(store, size / PAGE, false) + size % PAGE, 0, PAGE - size % PAGE);
        free_pages(store, in_pages(size));
    } else {
        clear_behind_end(store);
    }
    store->size = size;
    return 0;
}

/* ---- Objects ---- */

static bool is_mapped_elsewhere(const struct store *store)
{
    struct memory_object_info info;
    return memory_object_info(store->object, &info) != 0 || info.views > 1;
}

static void object_discard(struct store *store)
{
    memory_release(IRIS_SLOT_MEMORY, (uint32_t)store->mapped, store->object_size);
    iris_handle_discard(store->object);
    store->object = store->object_size = 0;
    store->mapped = NULL;
}

/* Makes an object with the file's bytes, in the place of its pages. */
static int object_make(struct store *store)
{
    uint32_t size = in_pages(store->size) * PAGE, object, where;
    int status = memory_object_create(IRIS_SLOT_MEMORY, size, &object);

    if (status < 0)
        return status;
    status = memory_map(IRIS_SLOT_MEMORY, object, 0, 0, size, MEMORY_WRITE, &where);
    if (status < 0) {
        iris_handle_discard(object);
        return status;
    }
    for (uint32_t i = 0; i < size / PAGE; i++)
        memcpy((uint8_t *)where + i * PAGE, page_to_read(store, i), PAGE);
    if (store->object != 0)
        object_discard(store);
    free_pages(store, 0);
    store->object = object;
    store->object_size = size;
    store->mapped = (uint8_t *)where;
    return 0;
}

int store_object(struct store *store, bool writable, struct iris_handle_out *out)
{
    uint32_t handle;
    int status = 0;

    if (store->size == 0)
        return -EINVAL;
    if (store->size > store->object_size)
        status = store->object != 0 && is_mapped_elsewhere(store) ? -EBUSY : object_make(store);
    if (status < 0)
        return status;
    if (writable)
        return iris_portal_give(store->object, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, out);
    status = memory_object_read_only(store->object, &handle);
    if (status == 0)
        *out = (struct iris_handle_out){handle, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY | IRIS_MOVE};
    return status;
}

/* Copies the object's part into pages; false: no memory, and nothing has changed. */
static bool copy_back(struct store *store, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t **place = place_of(store, i, true);
        if (place == NULL || (*place = pool_take()) == NULL) {
            while (i-- > 0)
                page_free(store, i);
            return false;
        }
        memcpy(*place, store->mapped + i * PAGE, PAGE);
    }
    return true;
}

void store_settle(struct store *store)
{
    uint32_t size = store->size < store->object_size ? store->size : store->object_size;

    if (store->object != 0 && !is_mapped_elsewhere(store) && copy_back(store, in_pages(size)))
        object_discard(store);
}

void store_free(struct store *store)
{
    if (store->object != 0)
        object_discard(store);
    free_pages(store, 0);
    store->size = 0;
}
