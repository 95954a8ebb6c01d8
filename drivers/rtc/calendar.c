/* SPDX-License-Identifier: MIT */
#include "calendar.h"

#include <stdbool.h>

#define DAY 86400u

static bool is_leap(uint32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static uint32_t days_of_year(uint32_t year) { return is_leap(year) ? 366 : 365; }

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[(month - 1) % 12];
}

uint64_t calendar_seconds(const struct date *date)
{
    uint32_t days = date->day - 1;

    for (uint32_t year = 1970; year < date->year; year++)
        days += days_of_year(year);
    for (uint32_t month = 1; month < date->month; month++)
        days += days_of_month(date->year, month);
    return (uint64_t)days * DAY + date->hour * 3600 + date->minute * 60 + date->second;
}

struct date calendar_date(uint64_t seconds)
{
    uint32_t days = (uint32_t)(seconds / DAY), rest = (uint32_t)(seconds % DAY);
    struct date date = {.year = 1970,
                        .month = 1,
                        .hour = rest / 3600,
                        .minute = rest / 60 % 60,
                        .second = rest % 60};

    for (; days >= days_of_year(date.year); date.year++)
        days -= days_of_year(date.year);
    for (; days >= days_of_month(date.year, date.month); date.month++)
        days -= days_of_month(date.year, date.month);
    date.day = days + 1;
    return date;
}
