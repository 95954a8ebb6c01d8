/* SPDX-License-Identifier: MIT */
/*
 * Scan codes of set 1 become the bytes a terminal would send. Portable; tests/host types at it.
 *
 * Letters and signs come as they are on a US keyboard, Ctrl makes control characters, Alt puts an
 * escape in front. Keys without a character come as the escape sequences of ECMA-48 and xterm;
 * with modifiers as ESC [ 1 ; m X, where m is 1 + Shift 1 + Alt 2 + Ctrl 4.
 */
#ifndef KEYBOARD_SCANCODE_H
#define KEYBOARD_SCANCODE_H

#include <stdbool.h>
#include <stdint.h>

#define SCANCODE_BYTES_MAX 8u /* of one key */

/* As the set-LEDs command counts them (PS/2 keyboard, command 0xed). */
#define SCANCODE_LED_NUM 2u
#define SCANCODE_LED_CAPS 4u

struct scancode {
    bool left_shift, right_shift, left_ctrl, right_ctrl, left_alt, right_alt;
    uint8_t leds;         /* locks that are on */
    uint8_t locks_held;   /* their keys: repeated make codes change nothing */
    bool extended;        /* 0xe0 came: the next byte is of the second group */
    uint8_t pause_remain; /* bytes of the Pause key still to come, which has no break code */
};

/* Takes one byte from the keyboard; the bytes to be read, at most SCANCODE_BYTES_MAX, or 0. */
uint32_t scancode_take(struct scancode *state, uint8_t code, uint8_t *bytes);

#endif
