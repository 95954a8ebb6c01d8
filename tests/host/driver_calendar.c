/* SPDX-License-Identifier: MIT */
/* Each day from 1970 to 2099, there and back, each the day after the one before; known dates. */
#include "../../drivers/rtc/calendar.c"

#include "server_check.h"

static const char *text_of(uint64_t seconds)
{
    static char text[40];
    struct date d = calendar_date(seconds);

    snprintf(text, sizeof text, "%04u-%02u-%02u %02u:%02u:%02u", d.year, d.month, d.day, d.hour,
             d.minute, d.second);
    return text;
}

int main(void)
{
    struct date last = {.day = 0};

    check_begin();
    for (uint64_t day = 0; day < 47482; day++) {
        uint64_t seconds = day * 86400 + random_below(86400);
        struct date date = calendar_date(seconds);
        CHECK(calendar_seconds(&date) == seconds);
        bool same_month = date.month == last.month && date.year == last.year;
        CHECK(same_month ? date.day == last.day + 1 : date.day == 1);
        CHECK(date.month >= 1 && date.month <= 12 && date.day <= 31);
        last = date;
    }
    CHECK_TEXT(text_of(0), "1970-01-01 00:00:00");
    CHECK_TEXT(text_of(951782399), "2000-02-28 23:59:59");
    CHECK_TEXT(text_of(951782400), "2000-02-29 00:00:00");
    CHECK_TEXT(text_of(951868800), "2000-03-01 00:00:00");
    CHECK_TEXT(text_of(1709210096), "2024-02-29 12:34:56");
    CHECK_TEXT(text_of(4102444799), "2099-12-31 23:59:59");
    return 0;
}
