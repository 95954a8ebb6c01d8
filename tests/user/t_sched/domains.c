/* SPDX-License-Identifier: MIT */
/* The scheduling server: what it refuses, and that its table of members is never used up for good.
 */
#include <iris/error.h>
#include <iris/names.h>

#include "names.h"
#include "scheduling.h"
#include "t_sched.h"

#define DOMAIN "t-domain"
enum { FIRST = BARE_UTCB_FIRST };

static struct bare many[SCHED_MEMBERS_MAX + 1];
static volatile uint32_t count;
static uint32_t sched;

static void check_refused(void)
{
    uint32_t weak = kit_slot();
    struct rig rig;
    const uint32_t thread = many[0].handle;

    rig_make(&rig, 1, 0);
    iris_handle_copy(thread, 0, weak, IRIS_RIGHT_COPY);
    TEST_EQUAL(sched_join(sched, weak, DOMAIN), -EPERM, "a thread one has no control over");
    TEST_EQUAL(sched_join(sched, rig.port, DOMAIN), -EINVAL, "a port is no thread");
    TEST_EQUAL(sched_join(sched, thread, "nowhere"), -ENOENT, "a domain that is not there");
    TEST_EQUAL(sched_join(sched, thread, ""), -ENOENT, "one without a name");
    TEST_EQUAL(sched_join(sched, thread, "a-name-much-too-long"), -EINVAL, "too long a name");
    TEST_EQUAL(sched_set(sched, "", CLASS_NORMAL, 1), -EINVAL, "a domain needs a name");
    TEST_EQUAL(sched_set(sched, DOMAIN, CLASS_NORMAL, ~0u), -EINVAL, "not more than all");
    TEST_EQUAL(sched_set(sched, DOMAIN, CLASS_NORMAL, 101), -EINVAL, "not even a little");
    TEST_EQUAL(sched_assign(sched, 0, DOMAIN), -EINVAL, "no process 0");
    TEST_EQUAL(sched_assign(sched, ~0u, DOMAIN), -ENOENT, "nor this");
    TEST_EQUAL(sched_assign(sched, 0x40000, DOMAIN), -ENOENT, "nor that");
    iris_handle_discard(weak);
    rig_free(&rig);
}

static uint32_t members(void)
{
    char name[SCHED_NAME_MAX + 1];
    struct member_info info;
    uint32_t found = 0;

    for (uint32_t i = 0; sched_member(sched, i, &info, name) == 0; i = info.index + 1)
        found++;
    return found;
}

/* One per cent for so many: longer periods, but all of them run. */
static void check_full(uint32_t before)
{
    unsigned joined = 0;

    for (unsigned i = 1; i <= SCHED_MEMBERS_MAX; i++)
        if (bare_create(&many[i], 0, FIRST + i) == 0 &&
            bare_start(&many[i], spin, (void *)&count) == 0)
            joined += sched_join(sched, many[i].handle, DOMAIN) == 0;
    TEST_EQUAL(joined + before, SCHED_MEMBERS_MAX - 1, "as many members as there can be");
    TEST_EQUAL(sched_join(sched, many[0].handle, DOMAIN), 0, "who is one can join again");
    TEST_EQUAL(members(), SCHED_MEMBERS_MAX, "and counts once");
    uint32_t counted = count;
    sleep_for(50 * MS);
    TEST_CHECK(count > counted, "they run");
    kit_audit("with all of them");
    for (unsigned i = 1; i <= SCHED_MEMBERS_MAX; i++)
        bare_end(&many[i]);
    TEST_EQUAL(members(), before + 1, "those that have ended are members no more");
}

void test_domains(void)
{
    if (!TEST_CHECK(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_SCHED, &sched) == 0 &&
                        bare_create(&many[0], 0, FIRST) == 0 &&
                        sched_set(sched, DOMAIN, CLASS_NORMAL, 1) == 0,
                    "the scheduling server, and a domain"))
        return;
    uint32_t before = members();
    check_refused();
    TEST_EQUAL(members(), before, "nobody has joined");
    TEST_EQUAL(sched_join(sched, many[0].handle, DOMAIN), 0, "one joins");
    check_full(before);
    TEST_EQUAL(sched_remove(sched, DOMAIN), 0, "the domain is removed");
    TEST_EQUAL(look(FIRST).priority, 16, "its member is what it would have been");
    bare_end(&many[0]);
    TEST_EQUAL(members(), before, "nobody is left");
    iris_handle_discard(sched);
}
