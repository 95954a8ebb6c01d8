/* SPDX-License-Identifier: MIT */
/* The doors of the kernel under attack: 21, 22, 25, 26 and 29 of adversarial.md. */
#include <iris/summary.h>

#include "entry.h"
#include "victim.h"

IRIS_SUMMARY("attack: doors with odd registers, flags and selectors; privileged code: [STRIDE]");

int main(int argc, char *argv[])
{
    unsigned stride = kit_rounds(argc, argv, 7);

    test_begin("t_attack_entry");
    if (TEST_CHECK(victim_begin(), "an innocent victim") &&
        TEST_CHECK(partner_begin(), "whom the attackers call")) {
        test_sysenter();
        test_flags();
        test_selectors();
        test_instructions();
        test_interrupts();
        test_vdso(stride ? stride : 1);
        test_start();
        test_utcb();
        partner_end();
    }
    victim_end();
    return test_end();
}
