/* SPDX-License-Identifier: MIT */
/*
 * Stays in the kernel: how many instructions from each entry to the exit, interrupts off all the
 * way. A stay begins with the first kernel instruction after one in user space or after HLT (the
 * idle loop), and ends before the next in user space or with HLT. Where the kernel looks whether an
 * interrupt is pending, a stretch ends: had there been one, it would have left. Kept are the
 * longest stay and the longest stretch of each way of entry: the entry's address and, for INT and
 * SYSENTER, that of the user's instruction, which is in the vDSO and so tells the call.
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
#define PROFILE 16384       /* instructions that are remembered */
#define PROFILE_LEAST 1000u /* what is shorter than this needs no profile */

/* Instructions one after the other. */
struct run {
    uint64_t length;
    uint32_t *address; /* of the first PROFILE ones */
};

/* A way into the kernel. */
struct way {
    uint64_t entry, user; /* user 0: an interrupt or an exception */
    uint64_t times;
    struct run stay, stretch; /* the longest */
};

static struct {
    const char *path; /* NULL: not wanted */
    bool on, longer;
    struct way ways[WAYS], *way; /* the current stay's */
    unsigned count;
    struct run stay, stretch; /* the current ones */
    uint64_t last_user;       /* the instruction before, if it was INT or SYSENTER */
} stretches;

static inline bool stretches_to(const char *path)
{
    stretches.path = strdup(path);
    return stretches.path != NULL;
}

static inline uint32_t *addresses_new(void)
{
    uint32_t *new = calloc(PROFILE, sizeof(*new));
    if (!new)
        abort();
    return new;
}

static inline void stretches_begin(void)
{
    stretches.on = stretches.path != NULL;
    if (stretches.on && !stretches.stay.address) {
        stretches.stay.address = addresses_new();
        stretches.stretch.address = addresses_new();
    }
}

static inline void run_write(FILE *out, const char *name, const struct run *run)
{
    uint64_t count = run->length < PROFILE ? run->length : PROFILE;

    fprintf(out, ", \"%s\": {\"length\": %" PRIu64 ", \"profile\": [", name, run->length);
    for (uint64_t i = 0; run->address && i < count; i++)
        fprintf(out, "%s%u", i ? "," : "", run->address[i]);
    fprintf(out, "]}");
}

/* QEMU may be killed at any time: the file is whole, or the one before. */
static inline void stretches_write(void)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s.new", stretches.path);
    FILE *out = fopen(path, "w");

    if (!out)
        abort();
    for (unsigned i = 0; i < stretches.count; i++) {
        const struct way *way = &stretches.ways[i];
        fprintf(out, "{\"entry\": %" PRIu64 ", \"user\": %" PRIu64 ", \"times\": %" PRIu64,
                way->entry, way->user, way->times);
        run_write(out, "stay", &way->stay);
        run_write(out, "stretch", &way->stretch);
        fprintf(out, "}\n");
    }
    if (fclose(out) || rename(path, stretches.path))
        abort();
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

static inline void run_keep(struct run *longest, const struct run *run)
{
    if (run->length <= longest->length)
        return;
    stretches.longer = true;
    longest->length = run->length;
    if (run->length < PROFILE_LEAST)
        return;
    if (!longest->address)
        longest->address = addresses_new();
    memcpy(longest->address, run->address,
           (run->length < PROFILE ? run->length : PROFILE) * sizeof(*run->address));
}

static inline void run_add(struct run *run, uint64_t address)
{
    if (run->length < PROFILE)
        run->address[run->length] = (uint32_t)address;
    run->length++;
}

static inline void stretch_end(void)
{
    run_keep(&stretches.way->stretch, &stretches.stretch);
    stretches.stretch.length = 0;
}

static inline void stay_end(void)
{
    if (stretches.stay.length == 0)
        return;
    stretches.longer = false;
    stretches.way->times++;
    stretch_end();
    run_keep(&stretches.way->stay, &stretches.stay);
    stretches.stay.length = 0;
    if (stretches.longer)
        stretches_write();
}

/* Before each instruction. `check`: it reads what the interrupt controller has pending. */
static inline void stretch_instruction(uint64_t address, enum event event, bool check)
{
    if (!stretches.on)
        return;
    if (address < KERNEL) {
        stay_end();
        stretches.last_user = event == EVENT_INT || event == EVENT_SYSENTER ? address : 0;
        return;
    }
    if (stretches.stay.length == 0) {
        stretches.way = way_find(address, stretches.last_user);
        stretches.last_user = 0;
    }
    if (check)
        stretch_end();
    run_add(&stretches.stay, address);
    run_add(&stretches.stretch, address);
    if (event == EVENT_HALT)
        stay_end();
}

#endif
