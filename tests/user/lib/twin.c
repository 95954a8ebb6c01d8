/* SPDX-License-Identifier: MIT */
#include "twin.h"

#include <string.h>

enum { BADGE_PAGER = 0x70616765, BADGE_EXCEPTION, BADGE_EXIT };

/* The linker's names for the ends of the program. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

uint32_t twin_memory_begin(void) { return (uint32_t)__ehdr_start & -IRIS_PAGE_SIZE; }
uint32_t twin_memory_end(void) { return (uint32_t)_end; }

/* ---- Memory ---- */

static bool is_own(uint32_t address)
{
    return address >= twin_memory_begin() && address < twin_memory_end();
}

/* Shows one own page to the twin, writable where it is for us. 0 or a negative error number. */
static int give_page(const struct twin *twin, uint32_t address, bool writing)
{
    uint32_t page = address & -IRIS_PAGE_SIZE;

    (void)*(const volatile uint8_t *)page; /* it must be here before it can be mapped on */
    int count = iris_memory_map(twin->space, page, 0, page, 1, IRIS_MAP_WRITE);
    if (count == -EPERM && !writing)
        count = iris_memory_map(twin->space, page, 0, page, 1, 0);
    return count == 1 || count == -EEXIST ? 0 : count < 0 ? count : -EIO;
}

static bool give_all(const struct twin *twin)
{
    for (uint32_t page = twin_memory_begin(); page < twin_memory_end(); page += IRIS_PAGE_SIZE)
        if (give_page(twin, page, false) < 0)
            return false;
    return true;
}

/* ---- Making ---- */

static uint32_t handler(const struct twin *twin, uint32_t badge)
{
    uint32_t slot = kit_slot();
    return iris_portal_create(twin->port, slot, badge, IRIS_RIGHT_CALL, 0) == 0 ? slot : 0;
}

bool twin_make(struct twin *twin, bool whole)
{
    memset(twin, 0, sizeof *twin);
    twin->port = kit_slot();
    if (iris_port_create(twin->port) < 0)
        return false;
    twin->pager = handler(twin, BADGE_PAGER);
    twin->exception = handler(twin, BADGE_EXCEPTION);
    twin->exit = handler(twin, BADGE_EXIT);
    twin->space = kit_slot();
    return iris_space_create(twin->space, TWIN_PAGES, kit_priority(), twin->pager, twin->exception,
                             twin->exit) == 0 &&
           (!whole || give_all(twin));
}

void twin_free(struct twin *twin)
{
    for (unsigned i = 0; i < TWIN_THREADS; i++)
        bare_end(&twin->threads[i]);
    iris_object_destroy(twin->space);
    iris_handle_discard(twin->space);
    iris_handle_discard(twin->pager);
    iris_handle_discard(twin->exception);
    iris_handle_discard(twin->exit);
    iris_handle_discard(twin->port);
}

int twin_give(struct twin *twin, uint32_t handle, uint32_t slot, uint32_t rights)
{
    return iris_handle_copy(handle, twin->space, slot, rights);
}

int twin_create(struct twin *twin, unsigned thread)
{
    int error = bare_create(&twin->threads[thread], twin->space, thread);

    twin->ids[thread] = error < 0 ? 0 : kit_object(twin->threads[thread].handle, NULL);
    return error;
}

int twin_start(struct twin *twin, unsigned thread, void (*function)(void *), void *argument)
{
    int error = twin_create(twin, thread);
    return error < 0 ? error : bare_start(&twin->threads[thread], function, argument);
}

/* ---- Serving ---- */

/* Label of the answer: 0 tries again. */
static uint32_t serve_page(struct twin *twin, const struct iris_message *m)
{
    bool writing = m->word[2] & IRIS_FAULT_WRITE;
    bool absent = !(m->word[2] & 1);

    if (!is_own(m->word[0]) || !absent || give_page(twin, m->word[0], writing) < 0) {
        twin->refused++;
        return EFAULT;
    }
    twin->served++;
    return 0;
}

static uint32_t serve_exception(struct twin *twin, const struct iris_message *m,
                                struct twin_end *end)
{
    struct iris_exception *e = &end->last;

    memcpy(e, iris_utcb()->words, sizeof *e);
    e->vector = m->word[0];
    e->error = m->word[1];
    e->ip = m->word[2];
    if (end->exceptions++ == 0)
        end->first = *e;
    return twin->judge && twin->judge(twin, e) ? 0 : EFAULT;
}

/* Whether this is the end of a thread that is waited for; then it is so no more. Others were given
   up before. */
static bool is_end(struct twin *twin, const struct iris_message *m)
{
    if (iris_tag_label(m->tag) != IRIS_EVENT_EXIT || m->badge != BADGE_EXIT)
        return false;
    for (unsigned i = 0; i < TWIN_THREADS; i++)
        if (twin->ids[i] == m->word[0]) {
            twin->ids[i] = 0;
            return true;
        }
    return false;
}

struct twin_end twin_wait(struct twin *twin)
{
    struct twin_end end = {0};
    struct iris_message m;
    uint64_t patience = kit_soon(twin->patience ? twin->patience : KIT_PATIENCE);

    iris_port_bind(twin->port);
    int error = iris_ipc_wait_until(&m, patience);
    while (error == 0 && !is_end(twin, &m)) {
        uint32_t label = EINVAL;
        if (iris_tag_label(m.tag) == IRIS_FAULT_PAGE && m.badge == BADGE_PAGER)
            label = serve_page(twin, &m);
        else if (iris_tag_label(m.tag) == IRIS_FAULT_EXCEPTION && m.badge == BADGE_EXCEPTION)
            label = serve_exception(twin, &m, &end);
        iris_utcb()->deadline = patience;
        m.tag = IRIS_TAG(label, 0) | IRIS_TAG_DEADLINE;
        error = iris_ipc_reply_and_wait(&m);
    }
    end.hung = error != 0;
    end.reason = m.word[1];
    end.code = m.word[2];
    iris_port_bind(0);
    return end;
}

struct twin_end twin_run(struct twin *twin, void (*function)(void *), void *argument)
{
    struct twin_end end = {.hung = true};

    if (twin_start(twin, 0, function, argument) < 0)
        return end;
    end = twin_wait(twin);
    bare_end(&twin->threads[0]);
    twin->ids[0] = 0;
    return end;
}
