/* SPDX-License-Identifier: MIT */
/* Where the VGA's own font (code page 437) has a Unicode character; '?' if it has not. */
#ifndef DISPLAY_CODEPAGE_H
#define DISPLAY_CODEPAGE_H

#include <stdint.h>

uint8_t codepage_place(uint32_t character);

#endif
