/* SPDX-License-Identifier: MIT */
/*
 * What the terminal consists of: the serial line, and the machine's own keyboard and screen. They
 * mirror each other: what is typed at either is input, what is written is seen on both. The serial
 * line sets the pace; a keyboard or screen that is missing or dies changes nothing for it.
 */
#ifndef CONSOLE_DEVICES_H
#define CONSOLE_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#define DEVICES_READ_MAX 200u

/* Has the bits sent through a portal of the console's own when there is input, or room again. */
int devices_subscribe(uint32_t input_bits, uint32_t room_bits);

/* What was typed; 0: nothing more. */
uint32_t devices_read(uint8_t bytes[DEVICES_READ_MAX]);

/* Hands on as much as there is room for: bytes taken. */
uint32_t devices_write(const uint8_t *bytes, uint32_t length);

/* One byte to whoever is at the serial line, in front of what waits; false: no room. */
bool devices_tell(uint8_t byte);

#endif
