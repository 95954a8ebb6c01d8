/* SPDX-License-Identifier: MIT */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/names.h>

#include "kernel_debug.h"
#include "names.h"

/* ---- Slots, numbers, time ---- */

uint32_t kit_slot(void)
{
    int slot = iris_slot_alloc();

    if (slot < 0) {
        printf("no slot left\n");
        exit(2);
    }
    return (uint32_t)slot;
}

unsigned kit_rounds(int argc, char *argv[], unsigned usual)
{
    return argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : usual;
}

uint64_t kit_soon(uint32_t milliseconds)
{
    return iris_clock_monotonic() + milliseconds * 1000000ull;
}

struct iris_space_info kit_space(uint32_t space)
{
    struct iris_space_info info;

    memset(&info, 0, sizeof info);
    iris_space_inspect(space, IRIS_INSPECT_SPACE, 0, &info, 1);
    return info;
}

uint32_t kit_pages_left(void)
{
    struct iris_space_info info = kit_space(0);
    return info.pages_limit - info.pages_used;
}

uint32_t kit_priority(void)
{
    struct iris_thread_info info;
    int count = iris_space_inspect(0, IRIS_INSPECT_THREADS, iris_utcb()->slot, &info, 1);
    return count == 1 ? info.priority : 1;
}

uint32_t kit_object(uint32_t handle, uint32_t *type)
{
    struct iris_handle_info info;

    memset(&info, 0, sizeof info);
    if (iris_handle_identify(handle, 0, &info) < 0)
        return 0;
    if (type)
        *type = info.type;
    return info.object;
}

static uint32_t state_of(uint32_t space, uint32_t utcb_slot)
{
    struct iris_thread_info info;
    int count = iris_space_inspect(space, IRIS_INSPECT_THREADS, utcb_slot, &info, 1);
    return count == 1 && info.utcb_slot == utcb_slot ? info.state : IRIS_THREAD_DEAD;
}

bool kit_wait_state(uint32_t space, uint32_t utcb_slot, enum iris_thread_state state)
{
    uint64_t end = kit_soon(KIT_PATIENCE);

    while (state_of(space, utcb_slot) != state) {
        if (iris_clock_monotonic() > end)
            return false;
        iris_thread_switch(0);
    }
    return true;
}

bool kit_wait_word(const volatile uint32_t *word, uint32_t value)
{
    uint64_t end = kit_soon(KIT_PATIENCE);

    while (*word != value) {
        if (iris_clock_monotonic() > end)
            return false;
        iris_thread_switch(0);
    }
    return true;
}

void kit_audit(const char *when)
{
    static uint32_t debug;
    struct audit_counts counts;
    bool sound = false;

    int error = debug ? 0 : names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug);
    if (error == 0)
        error = kernel_debug_audit(debug, &sound, &counts);
    TEST_CHECK(error == 0 && sound, "the kernel's audit passes %s", when);
}

uint32_t kit_random(uint32_t *state)
{
    uint32_t x = *state ? *state : 1;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* ---- Rigs ---- */

bool rig_make(struct rig *rig, uint32_t badge, uint32_t mask)
{
    const uint32_t rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY;

    *rig = (struct rig){.port = kit_slot(), .own = kit_slot(), .client = kit_slot()};
    return iris_port_create(rig->port) == 0 &&
           iris_portal_create(rig->port, rig->own, badge, rights, mask) == 0 &&
           iris_handle_copy(rig->own, 0, rig->client, rights) == 0;
}

void rig_free(struct rig *rig)
{
    iris_handle_discard(rig->client);
    iris_object_destroy(rig->own);
    iris_handle_discard(rig->own);
    iris_handle_discard(rig->port);
}

/* ---- Messages ---- */

uint32_t message_word(const struct iris_message *m, unsigned index)
{
    return index < 3 ? m->word[index] : iris_utcb()->words[index];
}

void message_set(struct iris_message *m, unsigned index, uint32_t value)
{
    if (index < 3)
        m->word[index] = value;
    else
        iris_utcb()->words[index] = value;
}

static uint32_t pattern(uint32_t seed, unsigned index)
{
    return (seed * 64 + index + 1) * 2654435761u; /* Knuth 6.4 */
}

void message_fill(struct iris_message *m, uint32_t label, unsigned words, uint32_t seed)
{
    *m = (struct iris_message){.tag = IRIS_TAG(label, words)};
    for (unsigned i = 0; i < words; i++)
        message_set(m, i, pattern(seed, i));
}

unsigned message_wrong(const struct iris_message *m, unsigned words, uint32_t seed, uint32_t mask)
{
    unsigned wrong = iris_tag_words(m->tag) != words;

    for (unsigned i = 0; i < words; i++)
        wrong += message_word(m, i) != (pattern(seed, i) ^ mask);
    return wrong;
}

void message_answer(struct iris_message *m, uint32_t mask)
{
    unsigned words = iris_tag_words(m->tag);

    for (unsigned i = 0; i < words; i++)
        message_set(m, i, message_word(m, i) ^ mask);
    m->tag = IRIS_TAG(0, words);
}

/* ---- Bare threads ---- */

int bare_create(struct bare *bare, uint32_t space, uint32_t utcb_slot)
{
    memset(&bare->block, 0, sizeof bare->block);
    bare->block.utcb = (struct iris_utcb *)(IRIS_UTCB_BASE + utcb_slot * IRIS_UTCB_SIZE);
    bare->utcb_slot = utcb_slot;
    bare->handle = kit_slot();
    int error = iris_thread_create(space, bare->handle, utcb_slot, kit_priority());
    if (error < 0) {
        iris_slot_free(bare->handle);
        bare->handle = 0;
    }
    return error;
}

int bare_start(struct bare *bare, void (*function)(void *), void *argument)
{
    struct iris_message m = {
        .tag = IRIS_TAG(IRIS_LABEL_START, 4),
        .word = {(uint32_t)function, (uint32_t)(bare->stack + BARE_STACK), (uint32_t)&bare->block},
    };

    iris_utcb()->words[3] = (uint32_t)argument;
    return iris_ipc_call(bare->handle, &m);
}

int bare_run(struct bare *bare, uint32_t space, uint32_t utcb_slot, void (*function)(void *),
             void *argument)
{
    int error = bare_create(bare, space, utcb_slot);
    return error < 0 ? error : bare_start(bare, function, argument);
}

void bare_end(struct bare *bare)
{
    if (bare->handle == 0)
        return;
    iris_object_destroy(bare->handle);
    iris_handle_discard(bare->handle);
    bare->handle = 0;
}
