/* SPDX-License-Identifier: MIT */
#include "devices.h"

#include <errno.h>
#include <stdbool.h>

#include <iris/calls.h>

#include "device.h"
#include "serial.h" /* generated from serial.idl */
#include "service.h"

static bool keyboard_is_there, screen_is_there = true;

int devices_subscribe(uint32_t input_bits, uint32_t room_bits)
{
    int portal = device_own_portal(input_bits | room_bits);

    if (portal < 0)
        return portal;
    keyboard_is_there =
        serial_subscribe(SERVER_SLOT_KEYBOARD, (uint32_t)portal, input_bits, room_bits) == 0;
    return serial_subscribe(SERVER_SLOT_SERIAL, (uint32_t)portal, input_bits, room_bits);
}

static uint32_t read_from(uint32_t device, uint8_t bytes[DEVICES_READ_MAX])
{
    uint32_t count;

    return serial_read(device, bytes, &count) == 0 ? count : 0;
}

uint32_t devices_read(uint8_t bytes[DEVICES_READ_MAX])
{
    uint32_t count = read_from(SERVER_SLOT_SERIAL, bytes);

    return count == 0 && keyboard_is_there ? read_from(SERVER_SLOT_KEYBOARD, bytes) : count;
}

/* The screen takes all that it is given. */
static void show(const uint8_t *bytes, uint32_t length)
{
    uint32_t count;

    if (screen_is_there && length > 0)
        screen_is_there = serial_write(SERVER_SLOT_SCREEN, bytes, length, &count) == 0;
}

uint32_t devices_write(const uint8_t *bytes, uint32_t length)
{
    uint32_t count = 0;

    if (serial_write(SERVER_SLOT_SERIAL, bytes, length, &count) < 0)
        return 0;
    show(bytes, count);
    return count;
}

bool devices_tell(uint8_t byte)
{
    uint32_t count = 0;

    return serial_write(SERVER_SLOT_SERIAL, &byte, 1, &count) == 0 && count == 1;
}
