/* SPDX-License-Identifier: MIT */
/* Handles in messages: copied, moved, dropped, refused. */
#include "t_ipc.h"

#include <string.h>

#define UTCB_SERVER (BARE_UTCB_FIRST + 1)

static struct service service;
static struct rig things[IRIS_HANDLES_MAX]; /* what is sent: clients' portals of four ports */
static uint32_t targets[IRIS_HANDLES_MAX];  /* where it arrives: the server's receive slots */

static void set_receive_slots(unsigned count)
{
    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++)
        service.thread.block.utcb->receive_slots[i] = i < count ? targets[i] : 0;
}

static void name_handles(unsigned count, uint32_t rights)
{
    for (unsigned i = 0; i < count; i++)
        iris_utcb()->handles[i] = (struct iris_send_handle){things[i].client, rights};
}

static void close_targets(void)
{
    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++)
        iris_handle_close(targets[i]);
}

static int send(unsigned count)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(LABEL_ECHO, 0, count, 0)};
    return iris_ipc_call(service.rig.client, &m);
}

/* ---- Copies ---- */

static bool arrived_rightly(unsigned count, unsigned slots)
{
    bool right = true;

    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++) {
        uint32_t wanted = i < count && i < slots ? kit_object(things[i].client, NULL) : 0;
        right = right && kit_object(targets[i], NULL) == wanted;
    }
    return right;
}

static void check_copies(void)
{
    for (unsigned count = 0; count <= IRIS_HANDLES_MAX; count++)
        for (unsigned slots = 0; slots <= IRIS_HANDLES_MAX; slots++) {
            set_receive_slots(slots);
            name_handles(count, IRIS_RIGHT_CALL);
            int error = send(count);
            bool dropped = service.tag & IRIS_TAG_DROPPED;
            uint32_t mask = (1u << (count < slots ? count : slots)) - 1;
            TEST_CHECK(error == 0 && dropped == (count > slots) && arrived_rightly(count, slots) &&
                           (count == 0 || service.received == mask),
                       "%u handles into %u receive slots", count, slots);
            close_targets();
        }
}

static void check_rights(void)
{
    struct iris_handle_info info = {0};

    set_receive_slots(1);
    name_handles(1, IRIS_RIGHT_ALL);
    TEST_EQUAL(send(1), 0, "a handle asked for with all rights");
    iris_handle_identify(targets[0], 0, &info);
    TEST_EQUAL(info.rights, IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY,
               "arrives with no more than the sender's");
    close_targets();
    name_handles(1, IRIS_RIGHT_NOTIFY);
    send(1);
    iris_handle_identify(targets[0], 0, &info);
    TEST_EQUAL(info.rights, IRIS_RIGHT_NOTIFY, "or with fewer, if the sender says so");
    struct iris_message m = {.tag = IRIS_TAG(LABEL_ECHO, 0)};
    TEST_EQUAL(iris_ipc_call(targets[0], &m), -EPERM, "then it cannot be called");
    close_targets();
}

/* ---- What is refused, and then has no effect ---- */

static void check_refused(void)
{
    uint32_t served = service.served, poor = kit_slot();

    set_receive_slots(4);
    iris_handle_copy(things[1].client, 0, poor, IRIS_RIGHT_CALL);
    name_handles(2, IRIS_RIGHT_CALL);
    iris_utcb()->handles[1].handle = poor;
    TEST_EQUAL(send(2), -EPERM, "a handle without the right COPY is not passed on");
    iris_handle_close(poor);
    TEST_EQUAL(send(2), -EBADF, "an empty slot neither");
    iris_utcb()->handles[1].handle = 0xffffffff;
    TEST_EQUAL(send(2), -EBADF, "nor a number that is no slot");
    TEST_EQUAL(service.served, served, "the server never saw these messages");
    TEST_CHECK(arrived_rightly(0, 0), "and got no handle");
    iris_slot_free(poor);

    iris_handle_copy(things[0].client, 0, targets[0], IRIS_RIGHT_CALL);
    set_receive_slots(1);
    name_handles(1, IRIS_RIGHT_CALL);
    TEST_EQUAL(send(1), 0, "a receive slot that is in use");
    TEST_CHECK(service.tag & IRIS_TAG_DROPPED && service.received == 0, "takes nothing");
    close_targets();
}

/* ---- Moves ---- */

static void check_moves(void)
{
    uint32_t extra = kit_slot(), object;

    iris_handle_copy(things[0].client, 0, extra, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY);
    object = kit_object(extra, NULL);
    set_receive_slots(1);
    iris_utcb()->handles[0] = (struct iris_send_handle){extra, IRIS_RIGHT_CALL | IRIS_MOVE};
    TEST_EQUAL(send(1), 0, "a handle is moved");
    TEST_CHECK(kit_object(extra, NULL) == 0 && kit_object(targets[0], NULL) == object,
               "the receiver has it, the sender no more");
    close_targets();

    iris_handle_copy(things[0].client, 0, extra, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY);
    set_receive_slots(0);
    iris_utcb()->handles[0] = (struct iris_send_handle){extra, IRIS_RIGHT_CALL | IRIS_MOVE};
    TEST_EQUAL(send(1), 0, "a move without a receive slot");
    TEST_CHECK(kit_object(extra, NULL) == object, "leaves the handle with its sender");
    iris_handle_discard(extra);
}

/* The last right to receive is not lost on the way: callers would wait for ever at a port that
   nobody can serve. */
static void check_last_receiver(void)
{
    struct rig rig;
    struct iris_message m = {.tag = IRIS_TAG(LABEL_ECHO, 0)};

    rig_make(&rig, 5, 0);
    set_receive_slots(1);
    iris_utcb()->handles[0] = (struct iris_send_handle){rig.port, IRIS_RIGHT_COPY | IRIS_MOVE};
    TEST_EQUAL(send(1), 0, "a port's last receiver, moved without its right RECEIVE");
    TEST_CHECK(service.tag & IRIS_TAG_DROPPED && kit_object(rig.port, NULL) != 0,
               "stays with its sender");
    iris_utcb()->handles[0] = (struct iris_send_handle){rig.port, IRIS_RIGHT_RECEIVE | IRIS_MOVE};
    TEST_EQUAL(send(1), 0, "moved with it");
    TEST_CHECK(kit_object(rig.port, NULL) == 0 && kit_object(targets[0], NULL) != 0, "it goes");
    close_targets();
    TEST_EQUAL(iris_ipc_call(rig.client, &m), -EDEAD, "and with the last one the port");
    rig_free(&rig);
}

/* ---- Answers ---- */

static void check_answers(void)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_GIVE, 1), .word = {3}};

    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++) {
        service.give[i] = (struct iris_send_handle){things[i].client, IRIS_RIGHT_CALL};
        iris_utcb()->receive_slots[i] = i < 3 ? targets[i] : 0;
    }
    service.give_count = 4;
    TEST_EQUAL(iris_ipc_call(service.rig.client, &m), 0, "an answer with four handles");
    TEST_CHECK(iris_tag_handles(m.tag) == 4 && m.word[0] == ~3u && m.tag & IRIS_TAG_DROPPED &&
                   iris_utcb()->received == 7 && arrived_rightly(3, 3),
               "three arrive, one finds no slot, the word is there");
    close_targets();
    memset(iris_utcb()->receive_slots, 0, sizeof iris_utcb()->receive_slots);
}

void test_handles(void)
{
    if (!TEST_CHECK(service_start(&service, 1, UTCB_SERVER), "a server that takes handles"))
        return;
    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++) {
        rig_make(&things[i], i, 0);
        targets[i] = kit_slot();
    }
    check_copies();
    check_rights();
    check_refused();
    check_moves();
    check_last_receiver();
    check_answers();
    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++) {
        rig_free(&things[i]);
        iris_slot_free(targets[i]);
    }
    service_stop(&service);
}
