/* SPDX-License-Identifier: MIT */
#include "output.h"

#include "console.h" /* generated from console.idl */
#include "devices.h"
#include "file.h" /* generated from file.idl */
#include "stub.h"
#include "waiting.h"

#define QUEUE 8192u        /* a power of two */
#define ECHO_RESERVE 1024u /* so that typing is seen while programs fill the queue */

static struct {
    uint8_t queue[QUEUE];
    uint32_t first, next; /* count for ever */
    struct waiting writers, drainers;
    uint32_t held; /* reasons */
} output;

static uint32_t used(void) { return output.next - output.first; }

static bool no_returns; /* newlines stay alone */

bool output_returns(void) { return !no_returns; }

void output_set_returns(bool returns) { no_returns = !returns; }

static void put(uint8_t byte) { output.queue[output.next++ & (QUEUE - 1)] = byte; }

/* The terminal wants a carriage return before each line feed. */
static void put_text(const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (bytes[i] == '\n' && !no_returns)
            put('\r');
        put(bytes[i]);
    }
}

/* Characters that programs may add, each perhaps needing two places. */
static uint32_t room(void)
{
    uint32_t limit = QUEUE - ECHO_RESERVE;
    return used() < limit ? (limit - used()) / 2 : 0;
}

bool output_has_room(void) { return room() > 0; }

/* Copies as much as there is room for: bytes taken, or an error if there were none. */
static int take(struct iris_buffer_ref data)
{
    uint8_t part[512];
    uint32_t done = 0;

    while (done < data.length && room() > 0) {
        uint32_t most = room() < sizeof part ? room() : sizeof part;
        int count = iris_buffer_read(data, done, part, most);
        if (count <= 0)
            return done > 0 ? (int)done : count;
        put_text(part, (uint32_t)count);
        done += (uint32_t)count;
    }
    return (int)done;
}

/* What the driver has no room for stays; it tells when it has. */
static void hand_on(void)
{
    while (used() > 0 && output.held == 0) {
        uint32_t at = output.first & (QUEUE - 1);
        uint32_t length = used() < QUEUE - at ? used() : QUEUE - at;
        uint32_t count = devices_write(output.queue + at, length);
        if (count == 0)
            return;
        output.first += count;
    }
}

static void answer_writers(void)
{
    struct iris_buffer_ref data;

    while (room() > 0 && waiting_take(&output.writers, &data)) {
        int count = take(data);
        file_write_reply(data.reply, count < 0 ? count : 0, count < 0 ? 0 : (uint32_t)count);
    }
}

void output_pump(void)
{
    struct iris_buffer_ref nothing;

    do {
        hand_on();
        answer_writers();
    } while (used() > 0 && output.writers.first != NULL && room() > 0);
    hand_on();
    while (used() == 0 && waiting_take(&output.drainers, &nothing))
        console_drain_reply(nothing.reply, 0);
}

void output_hold(enum output_reason reason) { output.held |= reason; }

void output_let(uint32_t reasons)
{
    if (!(output.held & reasons))
        return;
    output.held &= ~reasons;
    output_pump();
}

int output_write(struct iris_request *rq, struct iris_buffer_ref data, bool at_once,
                 uint32_t *count)
{
    if (output.writers.first != NULL || (room() == 0 && data.length > 0))
        return at_once ? -EAGAIN : waiting_add(&output.writers, rq, data);
    int done = take(data);
    if (done < 0)
        return done;
    *count = (uint32_t)done;
    hand_on();
    return 0;
}

void output_echo(const char *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count && used() < QUEUE; i++)
        put((uint8_t)bytes[i]);
}

int output_drain(struct iris_request *rq)
{
    hand_on();
    if (used() == 0)
        return 0;
    return waiting_add(&output.drainers, rq, (struct iris_buffer_ref){.length = 0});
}

void output_sweep(void)
{
    waiting_sweep(&output.writers);
    waiting_sweep(&output.drainers);
}

void output_start(void) { iris_buffer_touch(output.queue, sizeof output.queue, true); }
