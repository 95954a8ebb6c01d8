/* SPDX-License-Identifier: MIT */
#include <stdint.h>

#include <iris/calls.h>

enum { CMOS = 0x70, SECONDS = 0 };

/* `io` is a handle of type IO: root has it, and gives drivers the
   ports that their lines of the manifest name. */
int seconds(uint32_t io)
{
    uint8_t value;
    int error = iris_io_permit(io, 0, CMOS, 2);

    if (error < 0)
        return error;
    __asm__ volatile("outb %0, $0x70" : : "a"((uint8_t)SECONDS));
    __asm__ volatile("inb $0x71, %0" : "=a"(value));
    return value;
}
