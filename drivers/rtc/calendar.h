/* SPDX-License-Identifier: MIT */
/* Dates of the Gregorian calendar and seconds since 1970. Portable; tests/host checks each day. */
#ifndef RTC_CALENDAR_H
#define RTC_CALENDAR_H

#include <stdint.h>

struct date {
    uint32_t year, month, day; /* 1970.., 1.., 1.. */
    uint32_t hour, minute, second;
};

uint64_t calendar_seconds(const struct date *date);
struct date calendar_date(uint64_t seconds);

#endif
