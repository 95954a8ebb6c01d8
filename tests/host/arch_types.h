/* SPDX-License-Identifier: MIT */
/*
 * What unit tests of portable kernel files get instead of a processor's arch_types.h: this folder
 * comes first on their include path. Each test defines the functions its kernel files call.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <iris/message.h>

/* As large as IA-32's, so that a thread is one page here too. */
struct frame {
    uint32_t registers[15];
};

struct arch_fpu {
    uint8_t image[512];
} __attribute__((aligned(16)));

static inline uint32_t frame_call_number(const struct frame *frame) { return frame->registers[0]; }

static inline uint32_t *frame_argument(struct frame *frame, unsigned n)
{
    return &frame->registers[1 + n];
}

/* The page of the thread that the test lets run. */
extern void *host_current_page;
static inline void *arch_current_page(void) { return host_current_page; }

/* Physical memory is what the test says it is. */
void *arch_phys_to_virt(uint32_t physical);
uint32_t arch_virt_to_phys(const void *address);

/* Time stands still unless the test moves it. */
extern uint64_t host_cycles;
static inline uint64_t arch_cycles(void) { return host_cycles; }

/* The fixed window on the current space's table, as a look into its pages. */
#define arch_handle_look(handle)                                                                   \
    (&arch_handle_page(space_current(), (handle) / ENTRIES_PER_PAGE)[(handle) % ENTRIES_PER_PAGE])

/* Flags of a page: any bits will do. */
#define ARCH_PAGE_PRESENT 1u
#define ARCH_PAGE_WRITE 2u
#define ARCH_PAGE_UNCACHED 4u

extern uint32_t arch_direct_map_end;

#endif
