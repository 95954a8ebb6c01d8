/* SPDX-License-Identifier: MIT */
/*
 * One object at two addresses of two spaces, writable in one, to be read in the other; and a third
 * space that has nothing of it, because nobody gave it a handle.
 */
#include <signal.h>
#include <string.h>

#include "t_object.h"

#define PAGES 4u
#define CHILD_AT 0x58000000u
#define MARK 0x6f626a65u

static uint32_t object, readable;

static void check_info(uint32_t handle, bool writable, uint32_t resident, uint32_t views)
{
    struct memory_object_info info;

    TEST_EQUAL(memory_object_info(handle, &info), 0, "its state");
    TEST_CHECK(info.kind == MEMORY_OBJECT_KIND_ANONYMOUS && info.size == PAGES * PAGE &&
                   info.writable == writable,
               "%s handle of zeroed memory", writable ? "a writable" : "a readable");
    TEST_CHECK(info.resident_pages == resident && info.views == views,
               "%u pages resident, %u views", (unsigned)info.resident_pages, (unsigned)info.views);
}

/* ---- In one space ---- */

static void check_two_addresses(void)
{
    struct iris_mapping_info first, second;
    uint32_t at = 0, again = 0;

    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, FAR, 0, PAGES * PAGE, MEMORY_WRITE, &at), 0,
               "it is mapped, to be written");
    TEST_EQUAL(at, FAR, "where it was asked for");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, readable, 0, PAGE, 2 * PAGE, MEMORY_READ_ONLY, &again),
               0, "two pages of it a second time, anywhere, to be read");
    volatile uint32_t *words = (volatile uint32_t *)FAR, *same = (volatile uint32_t *)again;
    TEST_EQUAL(words[PAGE / 4], 0, "a fresh page is zero");
    words[PAGE / 4] = MARK;
    TEST_EQUAL(same[0], MARK, "what is written here is read there");
    TEST_CHECK(mapping_at(FAR + PAGE, &first) && mapping_at(again, &second) &&
                   first.frame == second.frame,
               "it is the same page");
    TEST_CHECK(first.flags == IRIS_MAP_WRITE && second.flags == 0, "with different rights");
    check_info(object, true, 1, 2);
    TEST_EQUAL(memory_release(IRIS_SLOT_MEMORY, again, 2 * PAGE), 0, "the second place ends");
    TEST_CHECK(!mapping_at(again, NULL) && words[PAGE / 4] == MARK, "the first does not");
}

static void check_refused(void)
{
    uint32_t at;

    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, readable, 0, 0, PAGE, MEMORY_WRITE, &at), -EPERM,
               "a readable handle is not enough to write");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, FAR + PAGE, 0, PAGE, 0, &at), -EEXIST,
               "where something is");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, PAGES * PAGE, PAGE, 0, &at), -EINVAL,
               "beyond its end");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, PAGE, PAGES * PAGE, 0, &at), -EINVAL,
               "across its end");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, 0xfffff000, 2 * PAGE, 0, &at), -EINVAL,
               "an offset that wraps");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 1, 0, PAGE, 0, &at), -EINVAL, "odd address");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, 1, PAGE, 0, &at), -EINVAL, "odd offset");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, 0, 0, 0, &at), -EINVAL, "nothing of it");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, 0, PAGE, 64, &at), -EINVAL, "odd flags");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, IRIS_WINDOW, 0, PAGE, 0, &at), -EINVAL,
               "into the kernel's window");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, IRIS_SLOT_MEMORY, 0, 0, PAGE, 0, &at), -EBADF,
               "what is no object: the memory portal");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, IRIS_SLOT_NAMES, 0, 0, PAGE, 0, &at), -EBADF,
               "another server's portal");
}

/* ---- In other spaces: what the child answers is its exit status ---- */

static void child_try_write(uint32_t *result)
{
    uint32_t at;
    int error = memory_map(IRIS_SLOT_MEMORY, IRIS_SLOT_STDIN, 0, 0, PAGE, MEMORY_WRITE, &at);
    *result |= error == -EPERM ? 0 : 4;
}

static int child_read(void)
{
    uint32_t at, result = 0;

    if (memory_map(IRIS_SLOT_MEMORY, IRIS_SLOT_STDIN, CHILD_AT, 0, PAGES * PAGE, 0, &at) != 0)
        return 1;
    if (((volatile uint32_t *)CHILD_AT)[PAGE / 4] != MARK)
        result |= 2;
    child_try_write(&result);
    return (int)result;
}

static int child_write(void)
{
    uint32_t at;

    if (memory_map(IRIS_SLOT_MEMORY, IRIS_SLOT_STDIN, CHILD_AT, 0, PAGES * PAGE, MEMORY_WRITE,
                   &at) != 0)
        return 1;
    ((volatile uint32_t *)CHILD_AT)[PAGE / 4] = ~MARK;
    ((volatile uint32_t *)CHILD_AT)[2 * PAGE / 4] = MARK;
    return 0;
}

/* It maps what it may only read and writes to it: that is its own end. */
static int child_write_readable(void)
{
    uint32_t at;

    if (memory_map(IRIS_SLOT_MEMORY, IRIS_SLOT_STDIN, CHILD_AT, 0, PAGES * PAGE, 0, &at) != 0)
        return 1;
    *(volatile uint32_t *)CHILD_AT = MARK;
    return 2;
}

static int child_none(void)
{
    uint32_t at;

    return memory_map(IRIS_SLOT_MEMORY, IRIS_SLOT_STDIN, CHILD_AT, 0, PAGE, 0, &at) == -EBADF ? 0
                                                                                              : 1;
}

/* Makes an object, gives it to whoever is behind the portal, and ends when that answers. */
static int child_owner(void)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 1, 0)};
    uint32_t made, at;

    if (memory_object_create(IRIS_SLOT_MEMORY, PAGES * PAGE, &made) != 0 ||
        memory_map(IRIS_SLOT_MEMORY, made, CHILD_AT, 0, PAGES * PAGE, MEMORY_WRITE, &at) != 0)
        return 1;
    *(volatile uint32_t *)CHILD_AT = MARK;
    iris_utcb()->handles[0] = (struct iris_send_handle){made, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY};
    return iris_ipc_call(IRIS_SLOT_STDIN, &m) == 0 ? 0 : 2;
}

int child_run(const char *role)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } roles[] = {{"read", child_read},
                 {"write", child_write},
                 {"write-readable", child_write_readable},
                 {"none", child_none},
                 {"owner", child_owner}};

    for (unsigned i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(role, roles[i].name) == 0)
            return roles[i].run();
    return 99;
}

static void run_child(const char *role, uint32_t handle, uint32_t expected, const char *what)
{
    uint32_t pid;
    int status = role_start(role, handle, &pid);

    if (status == 0)
        status = (int)role_end(pid);
    TEST_EQUAL(status, expected, "%s", what);
}

static void check_spaces(void)
{
    volatile uint32_t *words = (volatile uint32_t *)FAR;

    run_child("read", readable, 0, "another space reads it at its own address, and no more");
    run_child("write-readable", readable, SIGSEGV, "if it writes all the same, it faults");
    TEST_EQUAL(words[0], 0, "nothing was written");
    run_child("write", object, 0, "with the writable handle it writes");
    TEST_CHECK(words[PAGE / 4] == ~MARK && words[2 * PAGE / 4] == MARK, "and that is seen here");
    run_child("none", IRIS_SLOT_STDIN, 0, "a third space, without a handle, has nothing of it");
}

/* ---- The end of who made it ---- */

static void check_owner_ends(void)
{
    struct iris_message m;
    struct rig rig;
    uint32_t pid, slot = kit_slot(), at = 0;

    rig_make(&rig, 1, 0);
    iris_port_bind(rig.port);
    iris_utcb()->receive_slots[0] = slot;
    TEST_EQUAL(role_start("owner", rig.client, &pid), 0, "a child that makes an object");
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "gives it to its parent");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, slot, FAR + 16 * PAGE, 0, 2 * PAGE, 0, &at), 0,
               "who maps it");
    TEST_EQUAL(*(volatile uint32_t *)(FAR + 16 * PAGE), MARK, "and reads it");
    m = (struct iris_message){.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    TEST_EQUAL(role_end(pid), 0, "the child ends, and the object with it");
    struct memory_object_info info;
    TEST_EQUAL(memory_object_info(slot, &info), -EDEAD, "its handle is dead");
    TEST_CHECK(!mapping_at(FAR + 16 * PAGE, NULL), "its page is not mapped any more");
    TEST_EQUAL(iris_memory_map(0, FAR + 32 * PAGE, 0, FAR + 16 * PAGE, 1, 0), -EFAULT,
               "and cannot be passed on");
    TEST_EQUAL(memory_release(IRIS_SLOT_MEMORY, FAR + 16 * PAGE, 2 * PAGE), 0, "the place is free");
    iris_utcb()->receive_slots[0] = 0;
    iris_handle_discard(slot);
    iris_port_bind(0);
    rig_free(&rig);
}

void test_share(void)
{
    struct memory_usage before = usage();

    if (!TEST_CHECK(memory_object_create(IRIS_SLOT_MEMORY, PAGES * PAGE, &object) == 0 &&
                        memory_object_read_only(object, &readable) == 0,
                    "an object of %u pages, and a handle that may only read", (unsigned)PAGES))
        return;
    check_info(object, true, 0, 0);
    check_info(readable, false, 0, 0);
    check_two_addresses();
    check_refused();
    check_spaces();
    check_owner_ends();
    iris_handle_discard(object);
    iris_handle_discard(readable);
    TEST_CHECK(((volatile uint32_t *)FAR)[2 * PAGE / 4] == MARK,
               "without a handle it lives as long as it is mapped");
    TEST_EQUAL(memory_release(IRIS_SLOT_MEMORY, FAR, PAGES * PAGE), 0, "unmapped, it goes");
    struct memory_usage after = usage();
    TEST_CHECK(after.resident_pages == before.resident_pages &&
                   after.reserved_pages == before.reserved_pages &&
                   after.region_pages == before.region_pages,
               "nothing of it is left");
}
