/* SPDX-License-Identifier: MIT */
/*
 * A program tries at the console's devices what only the console may: calls to keyboard and
 * display, false interrupts.
 */
#include <errno.h>

#include <iris/names.h>
#include <iris/summary.h>

#include "kit.h"
#include "names.h"
#include "serial.h"

IRIS_SUMMARY("test: keyboard and display refuse strangers");

static void try_calls(const char *name)
{
    uint32_t portal = 0, count = 0, size = 0;
    uint8_t bytes[200];

    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, name, &portal), 0, "%s has a name", name);
    TEST_EQUAL(serial_write(portal, "x", 1, &count), -EPERM, "%s: writing", name);
    TEST_EQUAL(serial_read(portal, bytes, &size), -EPERM, "%s: reading", name);
    TEST_EQUAL(serial_drain(portal), -EPERM, "%s: draining", name);
    TEST_EQUAL(iris_notify(portal, 1), -EPERM, "%s: a false interrupt", name);
    iris_handle_discard(portal);
}

int main(void)
{
    test_begin("devices");
    try_calls("dev/keyboard");
    try_calls("dev/display");
    return test_end();
}
