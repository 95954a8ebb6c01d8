/* SPDX-License-Identifier: MIT */
/*
 * A driver whose device writes where the driver may not (attack 31). Without an IOMMU nothing stops
 * it: this program shows that, and fails as long as it is so. The device is QEMU's `edu`
 * (docs/specs/edu.txt there); the target is the tail of the kernel's data page, which every program
 * can read. Runs as a server; "dma=ADDRESS" on the kernel's command line is the page's physical
 * address.
 */
#include <stdlib.h>
#include <string.h>

#include <iris/layout.h>
#include <iris/summary.h>
#include <iris/system.h>

#include "as_server.h"
#include "device.h"
#include "kit.h"
#include "memory.h"
#include "memory_object.h"

IRIS_SUMMARY("test: a device that writes into the kernel (runs as a server)");

#define PHYSICAL_SLOT 11u /* portal: memory_physical */
#define PAGE IRIS_PAGE_SIZE
#define TAIL (PAGE - 64) /* reserved, and zero */

#define PCI_ADDRESS 0xcf8 /* PCI 2.1, 3.7.4.1 */
#define PCI_DATA 0xcfc
#define EDU_ID 0x11e81234u
#define EDU_SOURCE (0x80 / 4)
#define EDU_TARGET (0x88 / 4)
#define EDU_COUNT (0x90 / 4)
#define EDU_COMMAND (0x98 / 4)
#define EDU_START 1u
#define EDU_TO_MEMORY 2u
#define EDU_BUFFER 0x40000u

static uint32_t pci_read(uint32_t device, uint32_t offset)
{
    device_out_32(PCI_ADDRESS, 0x80000000u | device << 11 | offset);
    return device_in_32(PCI_DATA);
}

static void pci_write(uint32_t device, uint32_t offset, uint32_t value)
{
    device_out_32(PCI_ADDRESS, 0x80000000u | device << 11 | offset);
    device_out_32(PCI_DATA, value);
}

/* The device's registers, mapped; NULL: there is none. */
static volatile uint32_t *find_device(void)
{
    uint32_t device = 0, object, address = 0;

    while (device < 32 && pci_read(device, 0) != EDU_ID)
        device++;
    if (device == 32)
        return NULL;
    pci_write(device, 4, pci_read(device, 4) | 6); /* memory, bus master */
    uint32_t base = pci_read(device, 0x10) & ~0xfu;
    if (memory_physical_object_create(PHYSICAL_SLOT, base, PAGE, 0, IRIS_SLOT_MEMORY, &object) !=
            0 ||
        memory_map(IRIS_SLOT_MEMORY, object, 0, 0, PAGE, MEMORY_WRITE, &address) != 0)
        return NULL;
    return (volatile uint32_t *)address;
}

static uint32_t target(void)
{
    const char *word = strstr((const char *)iris_data_page()->command_line, "dma=");
    return word != NULL ? (uint32_t)strtoul(word + 4, NULL, 0) : 0;
}

static uint64_t tail(void) { return *(const volatile uint64_t *)(IRIS_DATA_PAGE + TAIL); }

static void attack(volatile uint32_t *device)
{
    uint64_t before = tail(), end = kit_soon(KIT_PATIENCE);

    device[EDU_SOURCE] = 0;
    device[EDU_TARGET] = EDU_BUFFER; /* fills its own buffer with what lies at address 0 */
    device[EDU_COUNT] = 8;
    device[EDU_COMMAND] = EDU_START;
    while (device[EDU_COMMAND] & EDU_START && iris_clock_monotonic() < end)
        continue;
    device[EDU_SOURCE] = EDU_BUFFER;
    device[EDU_TARGET] = target() + TAIL;
    device[EDU_COUNT] = 8;
    device[EDU_COMMAND] = EDU_START | EDU_TO_MEMORY;
    while (device[EDU_COMMAND] & EDU_START && iris_clock_monotonic() < end)
        continue;
    TEST_CHECK(!(device[EDU_COMMAND] & EDU_START), "the device has done it");
    TEST_CHECK(tail() == before, "the kernel's page is as it was");
}

int main(void)
{
    test_begin("dma");
    TEST_CHECK(target() != 0, "the kernel's command line tells the page");
    volatile uint32_t *device = find_device();
    if (TEST_CHECK(device != NULL, "the device"))
        attack(device);
    test_end();
    return as_server_end();
}
