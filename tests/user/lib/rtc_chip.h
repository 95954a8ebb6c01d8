/* SPDX-License-Identifier: MIT */
/* The real-time clock as a device that interrupts periodically (MC146818 data sheet). */
#ifndef TESTS_RTC_H
#define TESTS_RTC_H

#include <stdbool.h>
#include <stdint.h>

#include "device.h"

#define RTC_INDEX 0x70
#define RTC_DATA 0x71
#define RTC_CONTROL_A 0x0a /* low four bits: the rate, 3 (8192 Hz) to 15 (2 Hz) */
#define RTC_CONTROL_B 0x0b
#define RTC_CONTROL_C 0x0c /* read: what was pending is forgotten */
#define RTC_PERIODIC 0x40
#define RTC_RATE_8192 3
#define RTC_RATE_1024 6

static inline uint8_t rtc_get(uint8_t index)
{
    device_out(RTC_INDEX, index);
    return device_in(RTC_DATA);
}

static inline void rtc_set(uint8_t index, uint8_t value)
{
    device_out(RTC_INDEX, index);
    device_out(RTC_DATA, value);
}

static inline void rtc_periodic(bool on)
{
    uint8_t control = rtc_get(RTC_CONTROL_B) & (uint8_t)~RTC_PERIODIC;

    rtc_set(RTC_CONTROL_B, on ? control | RTC_PERIODIC : control);
    rtc_get(RTC_CONTROL_C);
}

static inline void rtc_rate(uint8_t rate)
{
    rtc_set(RTC_CONTROL_A, (rtc_get(RTC_CONTROL_A) & 0xf0) | rate);
}

#endif
