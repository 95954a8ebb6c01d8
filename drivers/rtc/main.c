/* SPDX-License-Identifier: MIT */
/*
 * rtc: driver of the MC146818 clock. Nobody waits by looking again: while the clock changes its
 * registers, and until its next second, callers are kept for the interrupt at the end of the
 * update, which is enabled only as long as somebody wants it.
 */
#include <errno.h>
#include <stdlib.h>

#include <iris/calls.h>

#include "calendar.h"
#include "device.h"
#include "resident.h"
#include "rtc.h" /* generated from rtc.idl */
#include "server.h"
#include "service.h"

/* Registers: Motorola MC146818 data sheet; the century as PCs have it. */
enum {
    INDEX = 0x70,
    VALUE = 0x71,
    SECOND = 0,
    MINUTE = 2,
    HOUR = 4,
    HOUR_AFTERNOON = 0x80, /* with 12 hours */
    DAY = 7,
    MONTH = 8,
    YEAR = 9,
    STATUS_A = 10,
    UPDATING = 0x80, /* the registers are about to change */
    STATUS_B = 11,
    HOURS_24 = 0x02,
    BINARY = 0x04,
    UPDATE_INTERRUPT = 0x10,
    ALARM_INTERRUPT = 0x20,
    PERIODIC_INTERRUPT = 0x40,
    STANDS_STILL = 0x80, /* while it is set */
    STATUS_C = 12,       /* reading it ends the interrupt */
    UPDATE_ENDED = 0x10,
    CENTURY = 0x32,
    YEAR_LAST = 2099,
};

#define NOTIFY_IRQ 1u

/* A caller kept for the end of the update. */
struct waiter {
    struct waiter *next;
    uint32_t reply;
    int (*answer)(uint32_t reply, int status, uint64_t seconds);
};
static struct waiter *waiters;

/* ---- The device ---- */

static uint8_t read_register(uint8_t index)
{
    device_out(INDEX, index);
    return device_in(VALUE);
}

static void write_register(uint8_t index, uint8_t value)
{
    device_out(INDEX, index);
    device_out(VALUE, value);
}

static uint32_t decoded(uint8_t value)
{
    return read_register(STATUS_B) & BINARY ? value : (value >> 4) * 10u + (value & 15);
}

static void write_number(uint8_t index, uint32_t number)
{
    bool binary = read_register(STATUS_B) & BINARY;

    write_register(index, (uint8_t)(binary ? number : number / 10 << 4 | number % 10));
}

static uint32_t read_hour(void)
{
    uint8_t value = read_register(HOUR);

    if (read_register(STATUS_B) & HOURS_24)
        return decoded(value);
    return decoded(value & (uint8_t)~HOUR_AFTERNOON) % 12 + (value & HOUR_AFTERNOON ? 12 : 0);
}

static uint64_t read_clock(void)
{
    uint32_t century = decoded(read_register(CENTURY));
    struct date date = {.second = decoded(read_register(SECOND)),
                        .minute = decoded(read_register(MINUTE)),
                        .hour = read_hour(),
                        .day = decoded(read_register(DAY)),
                        .month = decoded(read_register(MONTH)),
                        .year = decoded(read_register(YEAR))};

    date.year += (century == 19 || century == 20 ? century : 20) * 100;
    return calendar_seconds(&date);
}

/* In 24 hours, whatever it was before. */
static void write_clock(const struct date *date)
{
    uint8_t mode = read_register(STATUS_B) | HOURS_24;

    write_register(STATUS_B, mode | STANDS_STILL);
    write_number(SECOND, date->second);
    write_number(MINUTE, date->minute);
    write_number(HOUR, date->hour);
    write_number(DAY, date->day);
    write_number(MONTH, date->month);
    write_number(YEAR, date->year % 100);
    write_number(CENTURY, date->year / 100);
    write_register(STATUS_B, mode);
}

static void want_updates(bool wanted)
{
    uint8_t mode = read_register(STATUS_B) &
                   (uint8_t) ~(UPDATE_INTERRUPT | ALARM_INTERRUPT | PERIODIC_INTERRUPT);

    write_register(STATUS_B, mode | (wanted ? UPDATE_INTERRUPT : 0));
}

/* ---- Waiting ---- */

static int wait_for_update(struct iris_request *rq,
                           int (*answer)(uint32_t reply, int status, uint64_t seconds))
{
    struct waiter *waiter = malloc(sizeof *waiter);

    if (waiter == NULL)
        return -ENOMEM;
    int reply = iris_request_keep(rq);
    if (reply < 0) {
        free(waiter);
        return reply;
    }
    *waiter = (struct waiter){.next = waiters, .reply = (uint32_t)reply, .answer = answer};
    waiters = waiter;
    want_updates(true);
    return IRIS_DEFER;
}

/* For almost a second the registers do not change. */
static void answer_waiters(void)
{
    uint64_t now = read_clock();

    want_updates(false);
    while (waiters != NULL) {
        struct waiter *waiter = waiters;
        waiters = waiter->next;
        waiter->answer(waiter->reply, 0, now);
        free(waiter);
    }
}

static int interrupt(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    if (read_register(STATUS_C) & UPDATE_ENDED)
        answer_waiters();
    iris_irq_ack(SERVER_SLOT_IRQ);
    return 0;
}

/* ---- The interface ---- */

static int tell_time(void *context, struct iris_request *rq, uint64_t *seconds)
{
    (void)context;
    if (read_register(STATUS_A) & UPDATING)
        return wait_for_update(rq, rtc_time_reply);
    *seconds = read_clock(); /* from here to an update are 244 us at least */
    return 0;
}

static int next_second(void *context, struct iris_request *rq, uint64_t *seconds)
{
    (void)context;
    (void)seconds;
    return wait_for_update(rq, rtc_next_second_reply);
}

static int set(void *context, struct iris_request *rq, uint64_t seconds)
{
    static const struct date end = {.year = YEAR_LAST + 1, .month = 1, .day = 1};

    (void)context;
    if (iris_request_badge(rq) != SERVER_BADGE_ROOT)
        return -EPERM;
    if (seconds >= calendar_seconds(&end))
        return -EINVAL;
    struct date date = calendar_date(seconds);
    write_clock(&date);
    return 0;
}

static const struct rtc_server operations = {
    .time = tell_time, .next_second = next_second, .set = set};
static const struct iris_service services[] = {RTC_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .event = interrupt};

#define HEAP_BYTES 4096u /* for waiting callers */

int main(void)
{
    iris_resident(HEAP_BYTES);
    want_updates(false);
    read_register(STATUS_C); /* an interrupt of before */
    int status = device_bind_interrupt(NOTIFY_IRQ);
    return status < 0 ? -status : -iris_server_run(&server);
}
