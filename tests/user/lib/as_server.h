/* SPDX-License-Identifier: MIT */
/* Tests that root starts as servers (tests/scenarios/test_irq.py, tests/bench/test_scaling.py). */
#ifndef TESTS_AS_SERVER_H
#define TESTS_AS_SERVER_H

#define AS_SERVER_SLOT_SERIAL 13u /* portal: the serial driver */

/* After the report, instead of returning: root waits for an answer, and prints past the driver's
   queue, so what was reported leaves the line first. The exit status. */
int as_server_end(void);

#endif
