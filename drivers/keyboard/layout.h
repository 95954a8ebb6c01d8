/* SPDX-License-Identifier: MIT */
/* What is printed on the keys: the table to change for another country's keyboard. */
#ifndef KEYBOARD_LAYOUT_H
#define KEYBOARD_LAYOUT_H

#include <stdint.h>

#define LAYOUT_KEYS 0x54u /* make codes below this one have characters, if any */

struct layout_key {
    char plain, shifted; /* 0: none */
};

extern const struct layout_key layout_keys[LAYOUT_KEYS];

#endif
