/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "t_points.h"

#define PAGE IRIS_PAGE_SIZE
#define FAR 0x60000000u
#define PAGES 12u
#define BIT(name) (1u << IRIS_POINT_##name)

static uint8_t memory[PAGES * PAGE] __attribute__((aligned(PAGE)));
static uint32_t spare[48]; /* slots */

/* ---- Calls: queued, served, kept ---- */

enum { LABEL_ANSWER = 1, LABEL_KEEP };

/* Answers what comes, complementing the words; some later, by a REPLY handle. */
static void serve_all(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    while (!(m.tag & IRIS_TAG_ERROR)) {
        uint32_t label = iris_tag_label(m.tag);
        message_answer(&m, 0xffffffff);
        if (label == LABEL_KEEP && iris_ipc_keep(spare[0]) == 0) {
            iris_ipc_reply(spare[0], &m);
            m.tag = IRIS_TAG_NO_REPLY;
        }
        iris_ipc_reply_and_wait(&m);
    }
}

static void call(uint32_t label, unsigned words)
{
    struct iris_message m;
    int error;

    do {
        message_fill(&m, label, words, words);
        error = iris_ipc_call(rig.client, &m);
    } while (error == -ECANCELED);
    outcome_add((uint32_t)error);
    outcome_add(message_wrong(&m, words, words, 0xffffffff));
    for (unsigned i = 0; i < words; i++)
        outcome_add(message_word(&m, i));
}

static void make_calls(void)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_ANSWER, 1) | IRIS_TAG_DEADLINE};

    call(LABEL_ANSWER, 2);
    call(LABEL_ANSWER, 64);
    call(LABEL_KEEP, 3);
    call(LABEL_KEEP, 20);
    iris_utcb()->deadline = kit_soon(KIT_PATIENCE); /* and one that is timed */
    outcome_add((uint32_t)iris_ipc_call(rig.client, &m) == (uint32_t)-ETIMEDOUT);
}

/* The server begins when the first call is queued already. */
static bool prepare_queued(void)
{
    spare[0] = kit_slot();
    return helper_start(serve_all, false);
}

static bool prepare_served(void)
{
    spare[0] = kit_slot();
    return helper_start(serve_all, true);
}

static void finish_calls(void)
{
    helper_end();
    iris_handle_discard(spare[0]);
}

/* ---- Waiting ---- */

static volatile uint32_t calls_wrong;

static void call_some(void *unused)
{
    struct iris_message m;

    (void)unused;
    for (unsigned i = 0; i < 5; i++) {
        message_fill(&m, LABEL_ANSWER, i * 15, i);
        calls_wrong += iris_ipc_call(rig.client, &m) != 0;
        calls_wrong += message_wrong(&m, i * 15, i, 0xffffffff);
    }
    iris_notify(rig.client, 1);
}

static bool prepare_waiting(void)
{
    subject_port = rig.port;
    calls_wrong = 0;
    return helper_start(call_some, false);
}

/* Serves five calls, then the notification ends it. */
static void serve_some(void)
{
    struct iris_message m;

    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    while (!(m.tag & (IRIS_TAG_ERROR | IRIS_TAG_KERNEL))) {
        for (unsigned i = 0; i < iris_tag_words(m.tag); i++)
            outcome_add(message_word(&m, i));
        message_answer(&m, 0xffffffff);
        iris_ipc_reply_and_wait(&m);
    }
    outcome_add(m.tag);
}

static void finish_waiting(void)
{
    helper_end();
    outcome_add(calls_wrong);
}

/* ---- Long calls ---- */

static bool prepare_memory(void)
{
    for (uint32_t i = 0; i < sizeof memory; i += 4)
        *(uint32_t *)(memory + i) = i;
    return true;
}

/* memory_map tells how far it came. */
static void map_at(uint32_t address)
{
    uint32_t done = 0;
    int count = 1;

    while (done < PAGES && count > 0) {
        count = iris_memory_map(0, address + done * PAGE, 0, (uint32_t)memory + done * PAGE,
                                PAGES - done, IRIS_MAP_WRITE);
        done += count > 0 ? (uint32_t)count : 0;
    }
    outcome_add(done);
}

static void map_and_unmap(void)
{
    map_at(FAR);
    map_at(FAR + PAGES * PAGE);
    map_at(FAR + 2 * PAGES * PAGE);
    for (uint32_t i = 0; i < 3 * PAGES; i++)
        outcome_add(*(volatile uint32_t *)(FAR + i * PAGE + 8));
    outcome_add((uint32_t)iris_memory_unmap(0, FAR, PAGES, IRIS_UNMAP_OWN) + 1);
    outcome_add((uint32_t)iris_memory_unmap(0, (uint32_t)memory, PAGES, 0) + 1); /* the others */
}

static void finish_memory(void)
{
    struct iris_mapping_info info = {0};
    int count = iris_space_inspect(0, IRIS_INSPECT_MAPPINGS, FAR / PAGE, &info, 1);
    outcome_add(count == 1 && info.page < FAR / PAGE + 3 * PAGES); /* is anything left there? */
}

static void inspect(void)
{
    static struct iris_handle_info infos[32];
    uint32_t cursor = 0;
    int count;

    memset(infos, 0, sizeof infos);
    while (cursor < IRIS_SLOT_FREE &&
           (count = iris_space_inspect(0, IRIS_INSPECT_HANDLES, cursor, infos, 32)) > 0) {
        for (int i = 0; i < count && infos[i].slot < IRIS_SLOT_FREE; i++) {
            outcome_add(infos[i].slot);
            outcome_add(infos[i].rights);
        }
        cursor = infos[count - 1].slot + 1;
    }
}

/* Where no handles are. */
static void search(void)
{
    static struct iris_handle_info info;

    memset(&info, 0, sizeof info);
    outcome_add((uint32_t)iris_space_inspect(0, IRIS_INSPECT_HANDLES, 60000, &info, 1) + 1);
}

static void nothing(void) {}

/* A client whose call is kept in spare[0]; the subject copies out of its buffer. */
static void call_with_buffer(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 0, 1)};

    (void)unused;
    iris_utcb()->buffers[0] =
        (struct iris_buffer){(uint32_t)memory, sizeof memory / 2, IRIS_BUFFER_READ};
    iris_ipc_call(rig.client, &m);
}

static bool prepare_copy(void)
{
    struct iris_message m;

    spare[0] = kit_slot();
    bool made = prepare_memory() && iris_port_bind(rig.port) == 0 &&
                helper_start(call_with_buffer, false) &&
                iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0 &&
                iris_ipc_keep(spare[0]) == 0;
    return made;
}

static void copy(void)
{
    uint8_t *to = memory + sizeof memory / 2;
    uint32_t done = 0;

    while (done < sizeof memory / 2) {
        int count = iris_ipc_copy(spare[0], 0, done, to + done, sizeof memory / 2 - done);
        if (count <= 0)
            break;
        done += (uint32_t)count;
    }
    outcome_add(done);
    for (uint32_t i = 0; i < sizeof memory / 2; i += 256)
        outcome_add(*(uint32_t *)(to + i));
}

/* ---- Words ---- */

static volatile uint32_t word;

static void sleep_and_wake(void *unused)
{
    struct iris_word wanted = {(uint32_t)&word, 1};

    (void)unused;
    for (unsigned i = 0; i < 3; i++)
        while (word == 1 && iris_word_wait(&wanted, 1, ~0u, ~0u) != 0)
            ;
}

static bool prepare_sleeper(void)
{
    word = 1;
    return helper_start(sleep_and_wake, true);
}

static void wake_sleeper(void)
{
    word = 0;
    outcome_add((uint32_t)iris_word_wake((const void *)&word, 5) > 1);
}

static void change_word(void *unused)
{
    (void)unused;
    word = 0;
    iris_word_wake((const void *)&word, 5);
}

static bool prepare_sleep(void)
{
    word = 1;
    return helper_start(change_word, false);
}

static void sleep_once(void)
{
    sleep_and_wake(NULL);
    outcome_add(word);
}

/* ---- A handle in a part of the table that is not there yet ---- */

static bool prepare_table(void)
{
    spare[0] = kit_slot();
    return iris_space_create(spare[0], 16, 0, 0, 0, 0) == 0;
}

static void make_far_handle(void)
{
    outcome_add((uint32_t)iris_handle_copy(rig.client, spare[0], 5000, IRIS_RIGHT_CALL) + 1);
}

static void finish_table(void)
{
    outcome_add(kit_space(spare[0]).handles);
    outcome_add((uint32_t)iris_object_destroy(spare[0]));
    iris_handle_discard(spare[0]);
}

/* ---- Destruction ---- */

static void take_slots(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        spare[i] = kit_slot();
}

static void free_slots(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t type = IRIS_TYPE_NONE;
        kit_object(spare[i], &type);
        outcome_add(type);
        iris_handle_discard(spare[i]);
    }
}

/* A port with ten portals, in slots 0 and 1 to 10. */
static bool prepare_port(void)
{
    bool made;

    take_slots(11);
    made = iris_port_create(spare[0]) == 0;
    for (unsigned i = 1; i < 11; i++)
        made &= iris_portal_create(spare[0], spare[i], i, IRIS_RIGHT_CALL, 0) == 0;
    return made;
}

static void close_port(void) { outcome_add((uint32_t)iris_handle_close(spare[0]) + 1); }
static void destroy_port(void) { outcome_add((uint32_t)iris_object_destroy(spare[0]) + 1); }

static void finish_port(void)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};

    for (unsigned i = 1; i < 11; i++) {
        m.tag = IRIS_TAG(1, 0);
        outcome_add((uint32_t)iris_ipc_call(spare[i], &m));
    }
    free_slots(11);
}

/* A portal with forty handles. */
static bool prepare_portal(void)
{
    bool made;

    take_slots(40);
    made = iris_portal_create(rig.port, spare[0], 5, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0) == 0;
    for (unsigned i = 1; i < 40; i++)
        made &= iris_handle_copy(spare[0], 0, spare[i], IRIS_RIGHT_CALL) == 0;
    return made;
}

static void destroy_portal(void) { outcome_add((uint32_t)iris_object_destroy(spare[0]) + 1); }
static void finish_portal(void) { free_slots(40); }

/* A space with threads, handles and mappings. */
static bool prepare_space(void)
{
    bool made;

    take_slots(4);
    made = iris_space_create(spare[0], 16, 0, 0, 0, 0) == 0 &&
           iris_memory_map(spare[0], FAR, 0, (uint32_t)memory, 4, 0) > 0;
    for (unsigned i = 1; i < 4; i++)
        made &= iris_thread_create(spare[0], spare[i], i, 0) == 0 &&
                iris_handle_copy(spare[i], spare[0], i, IRIS_RIGHT_ALL) == 0;
    return made;
}

static void destroy_space(void) { outcome_add((uint32_t)iris_object_destroy(spare[0]) + 1); }

static void finish_space(void)
{
    outcome_add(kit_space(0).children);
    free_slots(4);
}

const struct scenario scenarios[] = {
    {"calls to a busy server", BIT(QUEUE) | BIT(RECEIVED) | BIT(KEPT), prepare_queued, make_calls,
     finish_calls},
    {"calls to a waiting server", BIT(RECEIVED) | BIT(KEPT), prepare_served, make_calls,
     finish_calls},
    {"a server", BIT(WAIT), prepare_waiting, serve_some, finish_waiting},
    {"memory_map and memory_unmap", BIT(MAP) | BIT(UNMAP), prepare_memory, map_and_unmap,
     finish_memory},
    {"space_inspect", BIT(INSPECT), prepare_memory, inspect, nothing},
    {"space_inspect of nothing", BIT(INSPECT), prepare_memory, search, nothing},
    {"ipc_copy", BIT(COPY), prepare_copy, copy, finish_calls},
    {"word_wake", BIT(WAKE), prepare_sleeper, wake_sleeper, helper_end},
    {"word_wait", BIT(SLEEP), prepare_sleep, sleep_once, helper_end},
    {"handle_copy to a new part of a table", BIT(SLOT), prepare_table, make_far_handle,
     finish_table},
    {"handle_close of a port", BIT(CLOSE), prepare_port, close_port, finish_port},
    {"object_destroy of a port", BIT(PORT), prepare_port, destroy_port, finish_port},
    {"object_destroy of a portal", BIT(PORTAL), prepare_portal, destroy_portal, finish_portal},
    {"object_destroy of a space", BIT(SPACE), prepare_space, destroy_space, finish_space},
};
const unsigned scenarios_count = sizeof scenarios / sizeof *scenarios;
