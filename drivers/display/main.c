/* SPDX-License-Identifier: MIT */
/*
 * display: the VGA's text screen as a terminal. Serves the writing side of `serial`: what is
 * written changes a picture in memory at once, at the writer's expense; the device follows when the
 * driver has nothing else to do, as often as a screen is drawn and for all that was written
 * meanwhile.
 */
#include <errno.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "device.h"
#include "log.h"           /* generated from log.idl */
#include "memory.h"        /* generated from memory.idl */
#include "memory_object.h" /* generated from memory_object.idl */
#include "resident.h"
#include "serial.h" /* generated from serial.idl */
#include "server.h"
#include "service.h"
#include "terminal.h"

/* Registers: IBM VGA Technical Reference, sections on the CRT controller, graphics and attributes.
 */
enum {
    MISCELLANEOUS = 0x3cc, /* read */
    MISCELLANEOUS_COLOUR = 0x01,
    GRAPHICS_INDEX = 0x3ce,
    GRAPHICS_MISCELLANEOUS = 6,
    GRAPHICS_MODE_MAP = 0x0d, /* graphics on, and which memory is shown: */
    GRAPHICS_TEXT_AT_B8000 = 0x0c,
    CRT_INDEX = 0x3d4,
    CRT_CURSOR_START = 0x0a,
    CURSOR_OFF = 0x20,
    CRT_START_HIGH = 0x0c,
    CRT_START_LOW = 0x0d,
    CRT_CURSOR_HIGH = 0x0e,
    CRT_CURSOR_LOW = 0x0f,
    ATTRIBUTE_ADDRESS = 0x3c0, /* takes index and value in turn */
    ATTRIBUTE_READ = 0x3c1,
    ATTRIBUTE_MODE = 0x10,
    ATTRIBUTE_SCREEN_ON = 0x20,
    MODE_BLINKS = 0x08, /* else the bit means a bright background */
    INPUT_STATUS = 0x3da,
    TEXT_MEMORY = 0xb8000,
    TEXT_SIZE = 4096,
};

#define REFRESH_NS 20000000ull /* at most so often */
#define CELLS (TERMINAL_ROWS * TERMINAL_COLUMNS)

static struct terminal terminal;
static struct {
    volatile uint16_t *memory; /* NULL: no such device */
    uint16_t shown[CELLS];
    uint64_t refreshed, due; /* when it was last, and is next, to be written to the device */
} display = {.due = IRIS_DEADLINE_NONE};

/* ---- The device ---- */

static void crt_write(uint8_t index, uint8_t value)
{
    device_out(CRT_INDEX, index);
    device_out(CRT_INDEX + 1, value);
}

static uint8_t crt_read(uint8_t index)
{
    device_out(CRT_INDEX, index);
    return device_in(CRT_INDEX + 1);
}

static uint8_t graphics_read(uint8_t index)
{
    device_out(GRAPHICS_INDEX, index);
    return device_in(GRAPHICS_INDEX + 1);
}

static void cursor_to(uint32_t place)
{
    crt_write(CRT_CURSOR_HIGH, (uint8_t)(place >> 8));
    crt_write(CRT_CURSOR_LOW, (uint8_t)place);
}

/* A register that keeps what is written is there. */
static bool is_present(void)
{
    cursor_to(0x155);
    if (crt_read(CRT_CURSOR_HIGH) != 0x01 || crt_read(CRT_CURSOR_LOW) != 0x55)
        return false;
    cursor_to(0xaa);
    return crt_read(CRT_CURSOR_HIGH) == 0x00 && crt_read(CRT_CURSOR_LOW) == 0xaa;
}

static bool shows_text(void)
{
    return (device_in(MISCELLANEOUS) & MISCELLANEOUS_COLOUR) &&
           (graphics_read(GRAPHICS_MISCELLANEOUS) & GRAPHICS_MODE_MAP) == GRAPHICS_TEXT_AT_B8000;
}

static void background_instead_of_blinking(void)
{
    device_in(INPUT_STATUS); /* the next write is an index */
    device_out(ATTRIBUTE_ADDRESS, ATTRIBUTE_MODE | ATTRIBUTE_SCREEN_ON);
    uint8_t mode = device_in(ATTRIBUTE_READ);
    device_out(ATTRIBUTE_ADDRESS, mode & (uint8_t)~MODE_BLINKS);
}

static int map_memory(void)
{
    uint32_t object, address;
    int status = memory_physical_object_create(SERVER_SLOT_OBJECTS, TEXT_MEMORY, TEXT_SIZE, 0,
                                               IRIS_SLOT_MEMORY, &object);

    if (status < 0)
        return status;
    status = memory_map(IRIS_SLOT_MEMORY, object, 0, 0, TEXT_SIZE, MEMORY_WRITE, &address);
    iris_handle_discard(object); /* it lives while it is mapped */
    if (status < 0)
        return status;
    display.memory = (volatile uint16_t *)address;
    return display.memory[0] == display.memory[0] ? 0 : -EIO; /* brings the page in */
}

static void show_cursor(void)
{
    const struct terminal_cursor *cursor = &terminal.cursor;
    uint8_t start = crt_read(CRT_CURSOR_START) & (uint8_t)~CURSOR_OFF;

    cursor_to(cursor->row * TERMINAL_COLUMNS + cursor->column);
    crt_write(CRT_CURSOR_START, start | (terminal.cursor_hidden ? CURSOR_OFF : 0));
}

/* Access to the device is slow: only what has changed is written. */
static void refresh(void)
{
    const uint16_t *cell = terminal.cell[0];

    for (uint32_t i = 0; i < CELLS; i++)
        if (display.shown[i] != cell[i])
            display.memory[i] = display.shown[i] = cell[i];
    show_cursor();
    display.refreshed = iris_clock_monotonic();
    display.due = IRIS_DEADLINE_NONE;
}

/* ---- Starting ---- */

/* A log's line feed begins a line. */
static void print_text(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            terminal_write(&terminal, (const uint8_t *)"\r", 1);
        terminal_write(&terminal, (const uint8_t *)&text[i], 1);
    }
}

/* What was said before there was a screen. */
static void print_log(void)
{
    static char part[512];
    uint32_t cursor = 0, count;

    while (log_read(IRIS_SLOT_LOG, cursor, part, sizeof part, &count, &cursor) == 0 && count > 0)
        print_text(part, count);
}

static const char *start_device(void)
{
    if (!is_present())
        return "no VGA: nothing is shown here";
    if (!shows_text())
        return "the VGA is not in its text mode: nothing is shown here";
    if (map_memory() < 0)
        return "the VGA's memory cannot be mapped: nothing is shown here";
    background_instead_of_blinking();
    crt_write(CRT_START_HIGH, 0);
    crt_write(CRT_START_LOW, 0);
    memset(display.shown, 0, sizeof display.shown);
    for (uint32_t i = 0; i < CELLS; i++)
        display.memory[i] = 0;
    return NULL;
}

/* ---- The interface ---- */

static int write_data(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    uint8_t part[256];

    (void)context;
    (void)rq;
    if (display.memory == NULL)
        return -ENODEV;
    for (*count = 0; *count < data.length;) {
        int taken = iris_buffer_read(data, *count, part, sizeof part);
        if (taken < 0 && *count == 0)
            return taken;
        if (taken <= 0)
            break;
        terminal_write(&terminal, part, (uint32_t)taken);
        *count += (uint32_t)taken;
    }
    if (display.due == IRIS_DEADLINE_NONE)
        display.due = display.refreshed + REFRESH_NS;
    return 0;
}

static int drain(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    if (display.due != IRIS_DEADLINE_NONE)
        refresh();
    return 0;
}

static uint64_t deadline(void *context)
{
    (void)context;
    return display.due;
}

static void late(void *context)
{
    (void)context;
    refresh();
}

static const struct serial_server operations = {.write = write_data, .drain = drain};
static const struct iris_service services[] = {SERIAL_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .deadline = deadline, .late = late};

int main(void)
{
    iris_resident(0);
    terminal_reset(&terminal);
    const char *problem = start_device();
    if (problem != NULL) {
        device_log("display", problem);
    } else {
        print_log();
        refresh();
    }
    return -iris_server_run(&server);
}
