/* SPDX-License-Identifier: MIT */
/* Attack 5: handles of what was closed, destroyed, revoked; slots used again. */
#include "t_handles.h"

static struct iris_handle_info identify(uint32_t handle)
{
    struct iris_handle_info info = {0};
    iris_handle_identify(handle, 0, &info);
    return info;
}

static int call(uint32_t portal)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    return iris_ipc_call(portal, &m);
}

static void check_closed(void)
{
    struct rig rig;

    rig_make(&rig, 1, 0);
    TEST_EQUAL(iris_handle_close(rig.client), 0, "a handle is closed");
    TEST_EQUAL(iris_handle_close(rig.client), -EBADF, "but not twice");
    TEST_EQUAL(call(rig.client), -EBADF, "and cannot be called");
    TEST_EQUAL(iris_port_create(rig.client), 0, "its slot is used again, for a port");
    TEST_EQUAL(call(rig.client), -EBADF, "that cannot be called either");
    TEST_EQUAL(iris_port_create(rig.client), -EEXIST, "a slot in use is not overwritten");
    TEST_EQUAL(identify(rig.client).type, IRIS_TYPE_PORT, "what is in it stays");
    iris_handle_close(rig.client);
    rig_free(&rig);
}

static void check_dead_port(void)
{
    struct rig rig;

    rig_make(&rig, 1, 0);
    iris_handle_close(rig.port);
    TEST_EQUAL(call(rig.client), -EDEAD, "with its last receiver closed a port is dead");
    TEST_EQUAL(iris_notify(rig.client, 1), -EDEAD, "for notifications too");
    TEST_EQUAL(identify(rig.client).type, IRIS_TYPE_NONE, "its portals refer to nothing");
    TEST_EQUAL(iris_handle_copy(rig.client, 0, kit_slot(), IRIS_RIGHT_ALL), -EDEAD,
               "and cannot be copied");
    TEST_EQUAL(iris_port_create(rig.client), -EEXIST, "their slots stay taken");
    TEST_EQUAL(iris_handle_close(rig.client), 0, "until they are closed");
    TEST_EQUAL(iris_handle_close(rig.client), -EBADF, "once");
    rig_free(&rig);
}

static void check_revoked(void)
{
    struct rig rig;
    uint32_t copies[8];

    rig_make(&rig, 1, 0);
    for (unsigned i = 0; i < 8; i++) {
        copies[i] = kit_slot();
        iris_handle_copy(rig.client, 0, copies[i], IRIS_RIGHT_CALL);
    }
    TEST_EQUAL(iris_object_destroy(rig.client), -EPERM, "a client cannot revoke a portal");
    TEST_EQUAL(iris_object_destroy(rig.own), 0, "its server can");
    bool dead = call(rig.client) == -EDEAD;
    for (unsigned i = 0; i < 8; i++)
        dead = dead && call(copies[i]) == -EDEAD;
    TEST_CHECK(dead, "all its copies are dead");
    TEST_EQUAL(iris_object_destroy(rig.own), -EDEAD, "it is destroyed once");
    TEST_EQUAL(iris_portal_create(rig.port, rig.own, 2, IRIS_RIGHT_CALL, 0), -EEXIST,
               "the dead handle still has its slot");
    for (unsigned i = 0; i < 8; i++)
        iris_handle_discard(copies[i]);
    rig_free(&rig);
}

static void check_dead_thread(void)
{
    static struct bare bare;

    TEST_EQUAL(bare_create(&bare, 0, BARE_UTCB_FIRST), 0, "a thread");
    TEST_EQUAL(iris_object_destroy(bare.handle), 0, "is destroyed");
    TEST_EQUAL(iris_thread_schedule(bare.handle, 1, 0, 0, 0, 0), -EDEAD, "and cannot be scheduled");
    TEST_EQUAL(bare_start(&bare, NULL, NULL), -EDEAD, "or started");
    bare_end(&bare);
}

static void check_dead_space(void)
{
    uint32_t space = kit_slot(), copy = kit_slot();

    TEST_EQUAL(iris_space_create(space, 16, 0, 0, 0, 0), 0, "a space");
    iris_handle_copy(space, 0, copy, IRIS_RIGHT_ALL);
    TEST_EQUAL(iris_object_destroy(space), 0, "is destroyed");
    TEST_EQUAL(iris_thread_create(copy, kit_slot(), 0, 0), -EDEAD, "no thread is made in it");
    TEST_EQUAL(iris_handle_copy(copy, copy, 1, 1), -EDEAD, "no handle put into it");
    TEST_EQUAL(iris_memory_map(copy, 0x400000, 0, 0x400000, 1, 0), -EDEAD, "nothing mapped");
    TEST_EQUAL(iris_space_fund(copy, 1), -EDEAD, "nothing paid");
    iris_handle_discard(space);
    iris_handle_discard(copy);
}

/* A slot is used for one thing after the other: an old number never reaches the new thing with
   old rights. */
static void check_reuse(unsigned rounds)
{
    uint32_t slot = kit_slot(), last = 0, repeated = 0, wrong = 0;

    for (unsigned i = 0; i < rounds; i++) {
        if (iris_port_create(slot) < 0)
            wrong++;
        uint32_t id = identify(slot).object;
        repeated += id <= last;
        last = id;
        wrong += iris_handle_close(slot) < 0;
    }
    TEST_CHECK(wrong == 0 && repeated == 0, "%u objects in one slot: ids never repeat", rounds);
    iris_slot_free(slot);
}

void test_stale(unsigned rounds)
{
    check_closed();
    check_dead_port();
    check_revoked();
    check_dead_thread();
    check_dead_space();
    check_reuse(rounds);
}
