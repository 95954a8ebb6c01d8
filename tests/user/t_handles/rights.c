/* SPDX-License-Identifier: MIT */
/* Attack 6: each right missing in turn. Every row is tried with all rights (must succeed or fail
   otherwise than by EPERM), then with all but the one it needs (must be EPERM). */
#include "t_handles.h"

static struct rig rig;
static uint32_t space, thread, slot; /* objects to try on; a free slot */

static int try_handle_copy(uint32_t h) { return iris_handle_copy(h, 0, slot, IRIS_RIGHT_CALL); }
static int try_copy_into(uint32_t h) { return iris_handle_copy(rig.client, h, 40, 1); }
static int try_bind(uint32_t h)
{
    int error = iris_port_bind(h);
    iris_port_bind(0);
    return error;
}
static int try_portal(uint32_t h) { return iris_portal_create(h, slot, 1, IRIS_RIGHT_CALL, 0); }
static int try_notify(uint32_t h) { return iris_notify(h, 1); }
static int try_call(uint32_t h)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    return iris_ipc_call(h, &m);
}
static int try_fund(uint32_t h) { return iris_space_fund(h, 1); }
static int try_inspect(uint32_t h)
{
    struct iris_space_info info;
    return iris_space_inspect(h, IRIS_INSPECT_SPACE, 0, &info, 1);
}
static int try_thread(uint32_t h) { return iris_thread_create(h, slot, 9, 0); }
static int try_schedule(uint32_t h) { return iris_thread_schedule(h, 0, 0, 0, 0, 0); }
static int try_start(uint32_t h)
{
    struct iris_message m = {.tag = IRIS_TAG(2, 0)}; /* not a START: nothing begins */
    return iris_ipc_call(h, &m);
}
static int try_map(uint32_t h)
{
    return iris_memory_map(h, 0x400000, 0, (uint32_t)twin_memory_begin(), 1, 0);
}
static int try_unmap(uint32_t h) { return iris_memory_unmap(h, 0x400000, 1, IRIS_UNMAP_OWN); }
static int try_destroy(uint32_t h) { return iris_object_destroy(h); }
static int try_identify(uint32_t h)
{
    struct iris_handle_info info;
    return iris_handle_identify(rig.client, h, &info);
}

static const struct row {
    const char *name;
    const uint32_t *object;
    uint32_t right;
    int (*call)(uint32_t handle);
    int expected; /* with all rights */
} rows[] = {
    {"handle_copy", &rig.client, IRIS_RIGHT_COPY, try_handle_copy, 0},
    {"handle_copy into a space", &space, IRIS_RIGHT_CONTROL, try_copy_into, 0},
    {"handle_identify with a port", &rig.port, IRIS_RIGHT_RECEIVE, try_identify, 0},
    {"port_bind", &rig.port, IRIS_RIGHT_RECEIVE, try_bind, 0},
    {"portal_create", &rig.port, IRIS_RIGHT_CONTROL, try_portal, 0},
    {"notify", &rig.client, IRIS_RIGHT_NOTIFY, try_notify, 0},
    {"ipc_call", &rig.client, IRIS_RIGHT_CALL, try_call, -ETIMEDOUT},
    {"space_fund", &space, IRIS_RIGHT_CONTROL, try_fund, 0},
    {"space_inspect", &space, IRIS_RIGHT_INSPECT, try_inspect, 1},
    {"thread_create", &space, IRIS_RIGHT_CONTROL, try_thread, 0},
    {"thread_schedule", &thread, IRIS_RIGHT_CONTROL, try_schedule, 0},
    {"a message to a new thread", &thread, IRIS_RIGHT_CONTROL, try_start, -EINVAL},
    {"memory_map", &space, IRIS_RIGHT_MAP, try_map, 1},
    {"memory_unmap", &space, IRIS_RIGHT_MAP, try_unmap, 0},
    {"object_destroy of a thread", &thread, IRIS_RIGHT_DESTROY, try_destroy, 0},
    {"object_destroy of a portal", &rig.own, IRIS_RIGHT_DESTROY, try_destroy, 0},
    {"object_destroy of a port", &rig.port, IRIS_RIGHT_DESTROY, try_destroy, 0},
    {"object_destroy of a space", &space, IRIS_RIGHT_DESTROY, try_destroy, 0},
};

/* The call with a copy of the object's handle that has `rights`. */
static int with_rights(const struct row *row, uint32_t rights)
{
    uint32_t copy = kit_slot();
    int result = iris_handle_copy(*row->object, 0, copy, rights);

    if (result == 0)
        result = row->call(copy);
    iris_handle_discard(copy);
    iris_handle_close(slot);
    return result;
}

void test_rights(void)
{
    slot = kit_slot();
    space = kit_slot();
    thread = kit_slot();
    if (!TEST_CHECK(rig_make(&rig, 1, 0xff) && iris_space_create(space, 24, 0, 0, 0, 0) == 0 &&
                        iris_thread_create(space, thread, 1, 0) == 0,
                    "objects to try on"))
        return;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        TEST_EQUAL(with_rights(&rows[i], IRIS_RIGHT_ALL & ~rows[i].right), -EPERM,
                   "%s without its right", rows[i].name);
        TEST_EQUAL(with_rights(&rows[i], IRIS_RIGHT_ALL), rows[i].expected, "%s with it",
                   rows[i].name);
    }
    iris_handle_discard(thread);
    iris_handle_discard(space);
    iris_slot_free(slot);
    rig_free(&rig);
}
