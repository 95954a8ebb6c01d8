/* SPDX-License-Identifier: MIT */
/* Partners that die: row 9, attacks 14 and 15. */
#include <iris/summary.h>

#include "t_death.h"

IRIS_SUMMARY("test: servers and clients that die in the middle of a call: [ROUNDS]");

void death_note(struct death *death, bool right, int value)
{
    death->rounds++;
    if (!right && death->wrong++ == 0)
        death->last = value;
}

void death_report(const struct death *death)
{
    TEST_CHECK(death->wrong == 0, "%s: %u of %u rounds wrong (first: %d)", death->name,
               death->wrong, death->rounds, death->last);
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 20);

    test_begin("t_death");
    test_server_dies(2); /* what is made once is there from now on */
    kit_audit("after the first deaths");
    struct iris_space_info before = kit_space(0);
    test_server_dies(rounds);
    test_server_random(rounds);
    test_client_dies(rounds);
    test_middle_dies(rounds);
    test_handlers_fault();
    struct iris_space_info after = kit_space(0);
    TEST_EQUAL(after.pages_used, before.pages_used, "kernel pages are all back");
    TEST_EQUAL(after.pages_limit, before.pages_limit, "and funds");
    TEST_EQUAL(after.handles, before.handles, "and handles");
    TEST_EQUAL(after.threads, before.threads, "and threads");
    TEST_EQUAL(after.children, before.children, "and child spaces");
    return test_end();
}
