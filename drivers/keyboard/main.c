/* SPDX-License-Identifier: MIT */
/*
 * keyboard: driver of a PS/2 keyboard behind an i8042 controller. Serves the reading side of
 * `serial`: what is typed comes as the bytes a terminal would send. The interrupt brings each byte;
 * nothing is polled but the controller's answers while the driver starts.
 */
#include <errno.h>

#include <iris/calls.h>

#include "device.h"
#include "resident.h"
#include "ring.h"
#include "scancode.h"
#include "serial.h" /* generated from serial.idl */
#include "server.h"
#include "service.h"

/* Registers and commands: Intel 8042 as in the IBM PS/2 Technical Reference, keyboard controller.
 */
enum {
    DATA = 0x60,
    STATUS = 0x64, /* read */
    STATUS_OUTPUT_FULL = 0x01,
    STATUS_INPUT_FULL = 0x02,
    STATUS_MOUSE = 0x20, /* the byte is from the second port */
    STATUS_ABSENT = 0xff,
    COMMAND = 0x64, /* write */
    COMMAND_READ_MODE = 0x20,
    COMMAND_WRITE_MODE = 0x60,
    MODE_INTERRUPT = 0x01,
    MODE_MOUSE_INTERRUPT = 0x02,
    MODE_KEYBOARD_OFF = 0x10,
    MODE_MOUSE_OFF = 0x20,
    MODE_TRANSLATE = 0x40, /* scan codes of set 1 */
    KEYBOARD_SET_LEDS = 0xed,
    KEYBOARD_ENABLE = 0xf4,
    KEYBOARD_ACKNOWLEDGE = 0xfa,
    PATIENCE = 20000,        /* looks at a controller that takes microseconds */
    BYTES_PER_INTERRUPT = 32 /* more are a fault of the device: the next interrupt brings them */
};

#define NOTIFY_IRQ 1u

static uint8_t typed_bytes[1024];

static struct {
    bool present;
    struct scancode codes;
    struct ring typed;
    uint8_t leds_shown;
    bool leds_asked;     /* the command was sent; its argument follows the acknowledgement */
    uint32_t subscriber; /* portal, 0: none */
    uint32_t input_bits;
} keyboard = {.typed = {.data = typed_bytes, .size = sizeof typed_bytes}};

/* ---- The controller ---- */

/* Whether a bit of the status register comes to have a value. */
static bool status_becomes(uint8_t bit, bool value)
{
    for (int looks = 0; looks < PATIENCE; looks++)
        if (((device_in(STATUS) & bit) != 0) == value)
            return true;
    return false;
}

static bool write_to(uint16_t port, uint8_t byte)
{
    if (!status_becomes(STATUS_INPUT_FULL, false))
        return false;
    device_out(port, byte);
    return true;
}

/* Bytes from before, of the firmware's time. */
static void discard_output(void)
{
    for (int n = 0; n < BYTES_PER_INTERRUPT && (device_in(STATUS) & STATUS_OUTPUT_FULL); n++)
        device_in(DATA);
}

static bool read_mode(uint8_t *mode)
{
    if (!write_to(COMMAND, COMMAND_READ_MODE) || !status_becomes(STATUS_OUTPUT_FULL, true))
        return false;
    *mode = device_in(DATA);
    return true;
}

/* False: there is no controller, or it does not answer. */
static bool start_device(void)
{
    uint8_t mode;

    if (device_in(STATUS) == STATUS_ABSENT)
        return false;
    discard_output();
    if (!read_mode(&mode))
        return false;
    mode |= MODE_INTERRUPT | MODE_TRANSLATE | MODE_MOUSE_OFF;
    mode &= (uint8_t) ~(MODE_KEYBOARD_OFF | MODE_MOUSE_INTERRUPT);
    return write_to(COMMAND, COMMAND_WRITE_MODE) && write_to(DATA, mode) &&
           write_to(DATA, KEYBOARD_ENABLE);
}

/* The lights follow the locks: a command, and after its acknowledgement which ones. */
static void update_leds(void)
{
    if (keyboard.codes.leds == keyboard.leds_shown || keyboard.leds_asked)
        return;
    keyboard.leds_asked = write_to(DATA, KEYBOARD_SET_LEDS);
}

static void acknowledged(void)
{
    if (!keyboard.leds_asked)
        return;
    keyboard.leds_asked = false;
    keyboard.leds_shown = keyboard.codes.leds;
    write_to(DATA, keyboard.leds_shown);
}

/* Keys that find the queue full are lost, whole: half an escape sequence would be another key. */
static void take_code(uint8_t code)
{
    uint8_t bytes[SCANCODE_BYTES_MAX];
    uint32_t count = scancode_take(&keyboard.codes, code, bytes);

    if (count <= ring_room(&keyboard.typed))
        for (uint32_t i = 0; i < count; i++)
            ring_put(&keyboard.typed, bytes[i]);
}

static void take_byte(void)
{
    uint8_t status = device_in(STATUS), byte = device_in(DATA);

    if (status & STATUS_MOUSE)
        return;
    if (byte == KEYBOARD_ACKNOWLEDGE)
        acknowledged();
    else
        take_code(byte);
}

static int interrupt(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    for (int n = 0; n < BYTES_PER_INTERRUPT && (device_in(STATUS) & STATUS_OUTPUT_FULL); n++)
        take_byte();
    update_leds();
    iris_irq_ack(SERVER_SLOT_IRQ);
    if (ring_used(&keyboard.typed) > 0 && keyboard.subscriber != 0)
        iris_notify(keyboard.subscriber, keyboard.input_bits);
    return 0;
}

/* ---- The interface ---- */

static int read_data(void *context, struct iris_request *rq, uint8_t data[200], uint32_t *size)
{
    (void)context;
    (void)rq;
    if (!keyboard.present)
        return -ENODEV;
    for (*size = 0; *size < 200 && ring_used(&keyboard.typed) > 0; ++*size)
        data[*size] = ring_take(&keyboard.typed);
    return 0;
}

static int subscribe(void *context, struct iris_request *rq, uint32_t portal, uint32_t input_bits,
                     uint32_t room_bits)
{
    (void)context;
    (void)room_bits;
    if (!keyboard.present)
        return -ENODEV;
    if (keyboard.subscriber != 0)
        iris_handle_discard(keyboard.subscriber);
    keyboard.subscriber = iris_request_claim(rq, portal);
    keyboard.input_bits = input_bits;
    if (ring_used(&keyboard.typed) > 0)
        iris_notify(portal, input_bits);
    return 0;
}

static const struct serial_server operations = {.read = read_data, .subscribe = subscribe};
static const struct iris_service services[] = {SERIAL_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .event = interrupt};

int main(void)
{
    iris_resident(0);
    keyboard.present = start_device();
    if (!keyboard.present)
        device_log("keyboard", "no i8042 controller answers: nothing can be typed here");
    int status = keyboard.present ? device_bind_interrupt(NOTIFY_IRQ) : 0;
    return status < 0 ? -status : -iris_server_run(&server);
}
