/* SPDX-License-Identifier: MIT */
/* Handles: row 8, attacks 4, 5 and 6. */
#include <iris/summary.h>

#include "t_handles.h"

IRIS_SUMMARY("test: forged, stale and poor handles: [PROBES]");

int main(int argc, char *argv[])
{
    unsigned probes = kit_rounds(argc, argv, 20000);

    test_begin("t_handles");
    test_identity();
    test_sweep(probes);
    test_stale(probes / 20 + 1);
    test_types();
    test_rights();
    test_reply_handles();
    return test_end();
}
