/* SPDX-License-Identifier: MIT */
/*
 * Stays in the kernel: how many instructions from each entry to the exit, interrupts off all the
 * way. A stay begins with the first kernel instruction after one in user space or after HLT (the
 * idle loop), and ends before the next in user space or with HLT. Kept is the longest of each way
 * of entry: the entry's address and, for INT and SYSENTER, that of the user's instruction, which
 * is in the vDSO and so tells the call.
 *
 * The file holds one line of JSON for each way; it is written anew whenever one got longer, because
 * QEMU may be killed at any time.
 */
#ifndef BENCH_STRETCH_H
#define BENCH_STRETCH_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

#define KERNEL 0xc0000000u
#define WAYS 1024
#define PROFILE 16384       /* instructions of a stay that are remembered */
#define PROFILE_LEAST 1000u /* stays shorter than this need no profile */

/* A way into the kernel. */
struct way {
    uint64_t entry, user; /* user 0: an interrupt or an exception */
    uint64_t longest, times;
    uint32_t *profile; /* addresses of the longest stay's instructions */
    uint32_t profile_count;
};

static struct {
    const char *path; /* NULL: not wanted */
    bool on;
    struct way ways[WAYS];
    unsigned count;
    /* the current stay */
    uint64_t entry, user, length;
    uint32_t profile[PROFILE];
    uint64_t last_user; /* the instruction before, if it was INT or SYSENTER */
} stretches;

static inline bool stretches_to(const char *path)
{
    stretches.path = strdup(path);
    return stretches.path != NULL;
}

static inline void stretches_begin(void) { stretches.on = stretches.path != NULL; }

static inline void stretches_write(void)
{
    FILE *out = fopen(stretches.path, "w");

    if (!out)
        abort();
    for (unsigned i = 0; i < stretches.count; i++) {
        const struct way *way = &stretches.ways[i];
        fprintf(out,
                "{\"entry\": %" PRIu64 ", \"user\": %" PRIu64 ", \"longest\": %" PRIu64
                ", \"times\": %" PRIu64 ", \"profile\": [",
                way->entry, way->user, way->longest, way->times);
        for (uint32_t k = 0; k < way->profile_count; k++)
            fprintf(out, "%s%u", k ? "," : "", way->profile[k]);
        fprintf(out, "]}\n");
    }
    fclose(out);
}

static inline struct way *way_find(uint64_t entry, uint64_t user)
{
    for (unsigned i = 0; i < stretches.count; i++)
        if (stretches.ways[i].entry == entry && stretches.ways[i].user == user)
            return &stretches.ways[i];
    if (stretches.count == WAYS) {
        fprintf(stderr, "count plugin: too many ways into the kernel\n");
        abort();
    }
    struct way *way = &stretches.ways[stretches.count++];
    way->entry = entry;
    way->user = user;
    return way;
}

static inline void stretch_end(void)
{
    if (stretches.length == 0)
        return;
    struct way *way = way_find(stretches.entry, stretches.user);
    way->times++;
    if (stretches.length > way->longest) {
        way->longest = stretches.length;
        if (way->longest >= PROFILE_LEAST) {
            way->profile_count = (uint32_t)(way->longest < PROFILE ? way->longest : PROFILE);
            way->profile = realloc(way->profile, way->profile_count * sizeof(*way->profile));
            if (!way->profile)
                abort();
            memcpy(way->profile, stretches.profile, way->profile_count * sizeof(*way->profile));
        }
        stretches_write();
    }
    stretches.length = 0;
}

/* Before each instruction. */
static inline void stretch_instruction(uint64_t address, enum event event)
{
    if (!stretches.on)
        return;
    if (address < KERNEL) {
        stretch_end();
        stretches.last_user = event == EVENT_INT || event == EVENT_SYSENTER ? address : 0;
        return;
    }
    if (stretches.length == 0) {
        stretches.entry = address;
        stretches.user = stretches.last_user;
        stretches.last_user = 0;
    }
    if (stretches.length < PROFILE)
        stretches.profile[stretches.length] = (uint32_t)address;
    stretches.length++;
    if (event == EVENT_HALT)
        stretch_end();
}

#endif
