/* SPDX-License-Identifier: MIT */
/*
 * console: the terminal as a file. Bytes from serial line and keyboard go through the line
 * discipline to whoever reads; what is written is queued for serial line and screen.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "console.h" /* generated from console.idl */
#include "devices.h"
#include "file.h" /* generated from file.idl */
#include "interrupt.h"
#include "line.h"
#include "opened.h"
#include "output.h"
#include "pollers.h"
#include "resident.h"
#include "server.h"
#include "service.h"
#include "slots.h"
#include "stub.h"
#include "waiting.h"

IRIS_ASSERT_TOGETHER(FILE_INTERFACE, CONSOLE_INTERFACE);

#define OPEN_FILES_MAX 100u
#define NOTIFY_INPUT 1u
#define NOTIFY_ROOM 2u
#define TENTH_NS 100000000ull

static struct line line = {.echo = output_echo, .characters = LINE_CHARACTERS_USUAL};
static struct waiting readers;
static struct pollers pollers;

/* The name leads to one open file that all share who do not open it by themselves. */
static struct opened_table table = {.most = OPEN_FILES_MAX};
static struct opened shared = {.flags = FILE_OPEN_READ | FILE_OPEN_WRITE};

/* ---- Input ---- */

/*
 * Gives the next line or bytes to one reader. What it could not take stays for the next: a reader
 * whose page is not there calls again, one that has died does not.
 */
static void give(struct iris_buffer_ref data)
{
    uint8_t bytes[LINE_EDIT_MAX + 1];
    uint32_t most = data.length < sizeof bytes ? data.length : sizeof bytes, items;
    uint32_t count = line_peek(&line, bytes, most, &items);
    int status = count > 0 ? iris_buffer_write(data, 0, bytes, count) : 0;

    if (status >= 0 && (uint32_t)status != count)
        status = -EFAULT;
    if (file_read_reply(data.reply, status < 0 ? status : 0, count) == 0 && status >= 0)
        line_consume(&line, items);
}

/* Whether a read of so many bytes has enough. */
static bool is_enough(uint32_t length)
{
    uint32_t least = line.raw ? line.characters[LINE_LEAST] : 1;

    if (least > length)
        least = length;
    return line_has(&line, least > 0 ? least : 1);
}

/* With a time between bytes a read ends after any of them. */
static uint32_t ready(void)
{
    uint32_t enough = line.raw && line.characters[LINE_TIME] != 0 ? 1 : UINT8_MAX;

    return (is_enough(enough) ? FILE_POLL_READ : 0) | (output_has_room() ? FILE_POLL_WRITE : 0);
}

/* ---- A raw read's time (POSIX.1-2017, XBD 11.1.7) ---- */

static uint64_t patience = IRIS_DEADLINE_NONE; /* of the first reader */

/* Without LEAST it counts from when a read becomes the first, else from each byte on. */
static void restart_time(void)
{
    bool counts = line.raw && line.characters[LINE_TIME] != 0 && readers.first != NULL &&
                  (line.characters[LINE_LEAST] == 0 || line_has(&line, 1));

    patience = counts ? iris_clock_monotonic() + line.characters[LINE_TIME] * TENTH_NS
                      : IRIS_DEADLINE_NONE;
}

static uint64_t deadline(void *context)
{
    (void)context;
    return patience;
}

static void late(void *context)
{
    struct iris_buffer_ref data;

    (void)context;
    waiting_sweep(&readers);
    if (iris_clock_monotonic() >= patience && waiting_take(&readers, &data))
        give(data); /* what there is, perhaps nothing */
    restart_time();
}

/* A read that never waits. */
static bool is_impatient(void)
{
    return line.raw && line.characters[LINE_LEAST] == 0 && line.characters[LINE_TIME] == 0;
}

/* ---- Flow ---- */

#define FLOW_HIGH (LINE_READY_MAX / 2)
#define FLOW_LOW (LINE_READY_MAX / 8)

static bool lets_any, sends_flow, writes_in_front; /* attributes */
static bool has_sent_stop;

static void send_key(enum line_character key)
{
    if (line.characters[key] != 0)
        devices_tell(line.characters[key]);
}

/* Who types is told to stop in time, and to go on when there is room again. */
static void tell_typist(void)
{
    uint32_t waiting = line_waiting(&line);

    if (sends_flow && !has_sent_stop && waiting >= FLOW_HIGH) {
        has_sent_stop = true;
        send_key(LINE_KEY_STOP);
    } else if (has_sent_stop && (!sends_flow || waiting <= FLOW_LOW)) {
        has_sent_stop = false;
        send_key(LINE_KEY_START);
    }
}

static void feed_readers(void)
{
    struct iris_buffer_ref data;

    while (readers.first != NULL && is_enough(readers.first->data.length) &&
           waiting_take(&readers, &data))
        give(data);
    restart_time();
    tell_typist();
    pollers_tell(&pollers, ready());
}

static void fulfil(enum line_wish wish)
{
    static const uint32_t signals[] = {
        [LINE_INTERRUPT] = SIGINT, [LINE_QUIT] = SIGQUIT, [LINE_SUSPEND] = SIGTSTP};

    if (wish == LINE_HOLD) {
        output_hold(OUTPUT_TYPED);
    } else if (wish != LINE_NOTHING) {
        output_let(OUTPUT_TYPED);
        if (wish != LINE_LET)
            interrupt_foreground(signals[wish]);
    }
}

static void take_input(void)
{
    uint8_t bytes[DEVICES_READ_MAX];
    uint32_t count;

    while ((count = devices_read(bytes)) > 0)
        for (uint32_t i = 0; i < count; i++) {
            if (lets_any && !line.no_flow)
                output_let(OUTPUT_TYPED);
            fulfil(line_type(&line, bytes[i]));
        }
    feed_readers();
    output_pump(); /* the echo */
}

/* ---- file ---- */

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     uint32_t mode, struct iris_handle_out *file)
{
    (void)context;
    (void)rq;
    (void)mode;
    if (*path != '\0' || (flags & FILE_OPEN_DIRECTORY))
        return -ENOTDIR;
    if ((flags & FILE_OPEN_CREATE) && (flags & FILE_OPEN_EXCLUSIVE))
        return -EEXIST;
    return opened_give(&table, flags, NULL, file);
}

/* What there is, perhaps nothing. */
static int read_now(struct iris_buffer_ref data, uint32_t *count)
{
    uint8_t bytes[LINE_EDIT_MAX + 1];
    uint32_t items;

    *count =
        line_peek(&line, bytes, data.length < sizeof bytes ? data.length : sizeof bytes, &items);
    int status = iris_buffer_write(data, 0, bytes, *count);
    if (status < 0)
        return status;
    line_consume(&line, items);
    tell_typist();
    return 0;
}

static int wait_to_read(struct iris_request *rq, struct iris_buffer_ref data)
{
    bool first = readers.first == NULL;
    int status = waiting_add(&readers, rq, data);

    if (first)
        restart_time();
    return status;
}

static int read_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                     uint32_t *count)
{
    const struct opened *opened = context;
    int status = opened_may_read(opened);

    waiting_sweep(&readers);
    *count = 0;
    if (status < 0 || data.length == 0)
        return status;
    if (readers.first == NULL && (is_enough(data.length) || is_impatient()))
        return read_now(data, count);
    return opened->flags & FILE_OPEN_NONBLOCK ? -EAGAIN : wait_to_read(rq, data);
}

static int write_in_front(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                          uint32_t *count)
{
    const struct opened *opened = context;
    int status = opened_may_write(opened);

    waiting_sweep(&readers);
    output_sweep();
    if (status < 0)
        return status;
    return output_write(rq, data, opened->flags & FILE_OPEN_NONBLOCK, count);
}

static int write_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    return writes_in_front ? -EBUSY : write_in_front(context, rq, data, count);
}

static int poll_file(void *context, struct iris_request *rq, uint32_t events, uint32_t bits,
                     uint32_t portal, uint32_t *result)
{
    (void)context;
    return pollers_poll(&pollers, rq, events, ready(), bits, portal, result);
}

static int status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)context;
    (void)rq;
    *status = (struct file_status){
        .kind = FILE_KIND_TERMINAL, .mode = 0666, .node = 1, .device = table.device, .links = 1};
    return 0;
}

/* ---- console ---- */

static int set_mode(void *context, struct iris_request *rq, uint32_t mode)
{
    (void)context;
    (void)rq;
    if (mode != CONSOLE_MODE_COOKED && mode != CONSOLE_MODE_RAW)
        return -EINVAL;
    line.characters[LINE_LEAST] = 1;
    line.characters[LINE_TIME] = 0;
    lets_any = sends_flow = writes_in_front = false;
    output_let(OUTPUT_TYPED | OUTPUT_TOLD);
    fulfil(line_set_raw(&line, mode == CONSOLE_MODE_RAW));
    feed_readers();
    return 0;
}

static int attributes(void *context, struct iris_request *rq, uint32_t *result)
{
    (void)context;
    (void)rq;
    *result = (line.raw ? 0 : CONSOLE_INPUT_LINES) | (line.silent ? 0 : CONSOLE_INPUT_ECHO) |
              (line.no_signals ? 0 : CONSOLE_INPUT_SIGNALS) |
              (line.keeps_return ? 0 : CONSOLE_INPUT_RETURN) |
              (output_returns() ? CONSOLE_OUTPUT_RETURN : 0) |
              (line.no_flow ? 0 : CONSOLE_OUTPUT_FLOW) | (lets_any ? CONSOLE_OUTPUT_FLOW_ANY : 0) |
              (sends_flow ? CONSOLE_INPUT_FLOW : 0) | (writes_in_front ? CONSOLE_OUTPUT_FRONT : 0);
    return 0;
}

static int set_attributes(void *context, struct iris_request *rq, uint32_t wanted)
{
    (void)context;
    (void)rq;
    fulfil(line_set_raw(&line, !(wanted & CONSOLE_INPUT_LINES)));
    line.silent = !(wanted & CONSOLE_INPUT_ECHO);
    line.no_signals = !(wanted & CONSOLE_INPUT_SIGNALS);
    line.keeps_return = !(wanted & CONSOLE_INPUT_RETURN);
    line.no_flow = !(wanted & CONSOLE_OUTPUT_FLOW);
    lets_any = wanted & CONSOLE_OUTPUT_FLOW_ANY;
    sends_flow = wanted & CONSOLE_INPUT_FLOW;
    writes_in_front = wanted & CONSOLE_OUTPUT_FRONT;
    if (line.no_flow)
        output_let(OUTPUT_TYPED);
    output_set_returns(wanted & CONSOLE_OUTPUT_RETURN);
    feed_readers();
    return 0;
}

/* The order is the interface's. */
static_assert((int)LINE_CHARACTERS == CONSOLE_CHARACTERS + CONSOLE_MORE_CHARACTERS &&
                  (int)LINE_KEY_EOF == CONSOLE_CHARACTER_END_OF_FILE &&
                  (int)LINE_TIME == CONSOLE_CHARACTER_TIME &&
                  (int)LINE_KEY_STOP == CONSOLE_CHARACTER_STOP,
              "one order");

static int characters(void *context, struct iris_request *rq, uint8_t result[CONSOLE_CHARACTERS])
{
    (void)context;
    (void)rq;
    memcpy(result, line.characters, CONSOLE_CHARACTERS);
    return 0;
}

static int set_characters(void *context, struct iris_request *rq,
                          const uint8_t wanted[CONSOLE_CHARACTERS])
{
    (void)context;
    (void)rq;
    memcpy(line.characters, wanted, CONSOLE_CHARACTERS);
    feed_readers();
    return 0;
}

static int more_characters(void *context, struct iris_request *rq,
                           uint8_t result[CONSOLE_MORE_CHARACTERS])
{
    (void)context;
    (void)rq;
    memcpy(result, line.characters + CONSOLE_CHARACTERS, CONSOLE_MORE_CHARACTERS);
    return 0;
}

static int set_more_characters(void *context, struct iris_request *rq,
                               const uint8_t wanted[CONSOLE_MORE_CHARACTERS])
{
    (void)context;
    (void)rq;
    memcpy(line.characters + CONSOLE_CHARACTERS, wanted, CONSOLE_MORE_CHARACTERS);
    return 0;
}

static int flush(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    line_flush(&line);
    tell_typist();
    return 0;
}

/* Who waits to be given something may not be meant any more: they look, and call again. */
static void send_readers_away(void)
{
    struct iris_buffer_ref data;

    while (waiting_take(&readers, &data))
        file_read_reply(data.reply, -ECANCELED, 0);
    restart_time();
}

static int foreground(void *context, struct iris_request *rq, uint32_t group, uint32_t signals)
{
    (void)context;
    if (group != interrupt_group())
        send_readers_away();
    interrupt_set_foreground(group, iris_request_claim(rq, signals));
    return 0;
}

static int foreground_clear(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    interrupt_set_foreground(0, 0);
    return 0;
}

static int foreground_group(void *context, struct iris_request *rq, uint32_t *group)
{
    (void)context;
    (void)rq;
    *group = interrupt_group();
    return 0;
}

static int drain(void *context, struct iris_request *rq)
{
    (void)context;
    return output_drain(rq);
}

static int flow(void *context, struct iris_request *rq, enum console_flow what)
{
    (void)context;
    (void)rq;
    if (what == CONSOLE_FLOW_HOLD_OUTPUT)
        output_hold(OUTPUT_TOLD);
    else if (what == CONSOLE_FLOW_LET_OUTPUT)
        output_let(OUTPUT_TYPED | OUTPUT_TOLD);
    else
        send_key(what == CONSOLE_FLOW_SEND_STOP ? LINE_KEY_STOP : LINE_KEY_START);
    return 0;
}

/* ---- The terminal's size (ioctl) ---- */

/* Serial line and screen show the same; this fits both. Nobody can ask the line for its size, so
   who knows it says so (TIOCSWINSZ). */
static struct winsize size = {.ws_row = 24, .ws_col = 80};

static int set_size(struct iris_buffer_ref input)
{
    struct winsize wanted;
    int count = iris_buffer_read(input, 0, &wanted, sizeof wanted);

    if (count != (int)sizeof wanted)
        return count < 0 ? count : -EINVAL;
    bool changes = memcmp(&wanted, &size, sizeof size) != 0;
    size = wanted;
    if (changes)
        interrupt_foreground(SIGWINCH);
    return 0;
}

static int control(void *context, struct iris_request *rq, uint32_t code,
                   struct iris_buffer_ref input, struct iris_buffer_ref output, uint32_t *result)
{
    (void)context;
    (void)rq;
    *result = 0;
    if (code == (uint32_t)TIOCSWINSZ)
        return set_size(input);
    if (code != (uint32_t)TIOCGWINSZ)
        return -ENOTTY;
    int count = iris_buffer_write(output, 0, &size, sizeof size);
    return count < 0 ? count : count == (int)sizeof size ? 0 : -EINVAL;
}

/* ---- The server ---- */

static const struct file_server file_operations = {.open = open_file,
                                                   .read = read_file,
                                                   .write = write_file,
                                                   .flags = opened_flags,
                                                   .status = status_of,
                                                   .sync = opened_sync,
                                                   .poll = poll_file,
                                                   .control = control};
static const struct console_server console_operations = {.set_mode = set_mode,
                                                         .attributes = attributes,
                                                         .set_attributes = set_attributes,
                                                         .flush = flush,
                                                         .foreground = foreground,
                                                         .foreground_clear = foreground_clear,
                                                         .foreground_group = foreground_group,
                                                         .drain = drain,
                                                         .characters = characters,
                                                         .set_characters = set_characters,
                                                         .flow = flow,
                                                         .write = write_in_front,
                                                         .more_characters = more_characters,
                                                         .set_more_characters =
                                                             set_more_characters};
static const struct iris_service services[] = {FILE_SERVICE(&file_operations),
                                               CONSOLE_SERVICE(&console_operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    target->context = badge == SERVER_BADGE_PUBLIC ? &shared : opened_find(&table, badge);
    return target->context != NULL ? 0 : -ENOENT;
}

static int event(void *context, struct iris_request *rq)
{
    struct opened *opened = opened_find(&table, rq->message.badge);

    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_DISCONNECT && opened != NULL)
        opened_free(&table, opened);
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    if (rq->message.word[0] & NOTIFY_INPUT)
        take_input();
    if (rq->message.word[0] & NOTIFY_ROOM) {
        output_pump();
        pollers_tell(&pollers, ready());
    }
    return 0;
}

static const struct iris_server server = {.port = SERVER_SLOT_PORT,
                                          .services = services,
                                          .count = 2,
                                          .locate = locate,
                                          .event = event,
                                          .deadline = deadline,
                                          .late = late};

#define HEAP_BYTES (8u * 1024) /* for open files and waiting callers */

int main(void)
{
    iris_resident(HEAP_BYTES);
    output_start();
    int status = opened_begin(&table, SERVER_SLOT_PORT);
    if (status >= 0)
        status = interrupt_start();
    if (status >= 0)
        status = devices_subscribe(NOTIFY_INPUT, NOTIFY_ROOM);
    return status < 0 ? -status : -iris_server_run(&server);
}
