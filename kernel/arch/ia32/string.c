/* SPDX-License-Identifier: MIT */
/* What the compiler expects to find. The direction flag is clear in the kernel. */
#include "kernel.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *target = to;
    size_t words = bytes >> 2;
    __asm__ volatile("rep movsl\n\t"
                     "movl %3, %2\n\t"
                     "rep movsb"
                     : "+D"(target), "+S"(from), "+c"(words)
                     : "r"(bytes & 3)
                     : "memory");
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *target = to;
    size_t words = bytes >> 2;
    __asm__ volatile("rep stosl\n\t"
                     "movl %3, %1\n\t"
                     "rep stosb"
                     : "+D"(target), "+c"(words)
                     : "a"((uint32_t)(uint8_t)value * 0x01010101u), "r"(bytes & 3)
                     : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *left = a, *right = b;
    for (; bytes; bytes--, left++, right++) {
        if (*left != *right)
            return *left - *right;
    }
    return 0;
}

size_t strlen(const char *string)
{
    size_t length = 0;
    while (string[length])
        length++;
    return length;
}
