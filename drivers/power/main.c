/* SPDX-License-Identifier: MIT */
/*
 * power: switches the machine off or starts it again. Without ACPI there is no one way: it tries
 * the devices of the emulators one after the other; those that are not there ignore it.
 */
#include <iris/calls.h>

#include "console.h" /* generated from console.idl */
#include "power.h"   /* generated from power.idl */
#include "resident.h"
#include "serial.h" /* generated from serial.idl */
#include "server.h"
#include "service.h"

enum {
    KEYBOARD_COMMAND = 0x64, /* keyboard controller: its output port resets the processor */
    KEYBOARD_RESET = 0xfe,
    KEYBOARD_INPUT_FULL = 0x02,
    DEBUG_EXIT = 0xf4,       /* QEMU isa-debug-exit: exit status 2 * value + 1 */
    ACPI_CONTROL = 0x604,    /* QEMU's PIIX4 PM1a_CNT */
    ACPI_SLEEP_S5 = 0x2000,  /* SLP_EN with QEMU's SLP_TYP of S5 */
    BOCHS_SHUTDOWN = 0x8900, /* Bochs: write "Shutdown" */
};

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* Nothing written before may be lost: first the console's queue, then the line's. */
static void drain(void)
{
    console_drain(SERVER_SLOT_TERMINAL);
    serial_drain(SERVER_SLOT_SERIAL);
}

static int switch_off(void *context, struct iris_request *rq, uint32_t status)
{
    (void)context;
    (void)rq;
    drain();
    out32(DEBUG_EXIT, status);
    for (const char *text = "Shutdown"; *text != '\0'; text++)
        out8(BOCHS_SHUTDOWN, (uint8_t)*text);
    out16(ACPI_CONTROL, ACPI_SLEEP_S5);
    return -EIO; /* still here: this machine has to be switched off by hand */
}

static int start_again(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    drain();
    for (int tries = 0; tries < 10000 && (in8(KEYBOARD_COMMAND) & KEYBOARD_INPUT_FULL); tries++)
        continue; /* the controller takes a command at a time, within microseconds */
    out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
    return -EIO;
}

static const struct power_server operations = {.shutdown = switch_off, .reboot = start_again};
static const struct iris_service services[] = {POWER_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1};

int main(void)
{
    iris_resident(0);
    return -iris_server_run(&server);
}
