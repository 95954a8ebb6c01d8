/* SPDX-License-Identifier: MIT */
/* What a partner must not learn, and what it cannot claim. */
#include <iris/summary.h>

#include "t_secrets.h"

IRIS_SUMMARY("test: registers and memory of others, forged identity: [ROUNDS]");

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 100);

    test_begin("t_secrets");
    test_fpu(rounds);
    test_canaries();
    test_deputy();
    return test_end();
}
