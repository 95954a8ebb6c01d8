/* SPDX-License-Identifier: MIT */
/*
 * A QEMU TCG plugin that counts exactly what executes in a window of time: instructions by side
 * (kernel, user), privileged events, memory accesses, cache lines. To be used with -icount, where
 * `rep` counts once per iteration. Arguments:
 *
 *   out=PATH      a line of JSON for each window, written when it ends
 *   lines=on      also count memory accesses, 64-byte lines and 4 KiB pages
 *   from=ADDRESS  a window begins before the instruction here, anew each time it is executed ...
 *   to=LOW-HIGH   ... and ends before the first instruction in this range of addresses
 *   skip=LOW-HIGH instructions not counted ("skipped"); may be given several times
 *   stretches=PATH the longest stays in the kernel, by way of entry (stretch.h), once the first
 *                 window has ended: with from= and to= the boot is left out
 *
 * Windows also begin and end at the marks of tests/user/lib/bench_mark.h. A begin inside a window
 * starts it anew.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../user/lib/bench_mark.h"
#include "decode.h"
#include "qemu.h"
#include "stretch.h"

#define LINE_SHIFT 6
#define PAGE_SHIFT 12
#define LINES (1u << 20)
#define SKIPS 64

QEMU_PLUGIN_EXPORT int qemu_plugin_version = 1;
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count,
                                           char **arguments);

/* An instruction as it was translated. */
struct instruction {
    uint64_t address;
    uint64_t first, last; /* of its bytes, in host memory: one for each physical byte */
    uint32_t mark;        /* BENCH_MARK_* + n; 0: none */
    uint8_t event;        /* enum event */
    bool skip, is_from, is_to;
    bool is_check; /* IN AL, 20h: does an interrupt wait? */
};

struct range {
    uint64_t low, high; /* high is the first address beyond */
};

static struct {
    FILE *out;
    bool lines;
    uint64_t from;
    struct range to, skip[SKIPS];
    unsigned skips;
} options;

/* The lines touched since the window began; one is in the set if its number is the window's. */
struct line_set {
    uint64_t line[LINES];
    uint32_t window[LINES];
    uint32_t count;
};

static struct {
    bool open;
    uint32_t number; /* of windows begun */
    uint32_t mark;   /* n of its mark */
    uint64_t kernel, user, skipped, reads, writes;
    uint64_t events[EVENT_COUNT];
} window;
static struct line_set code_lines, data_lines, code_pages, data_pages;

/* ---- Windows ---- */

static void window_begin(uint32_t mark)
{
    uint32_t number = window.number;

    memset(&window, 0, sizeof(window));
    window.open = true;
    window.number = number + 1;
    window.mark = mark;
    code_lines.count = data_lines.count = code_pages.count = data_pages.count = 0;
}

static void window_end(void)
{
    window.open = false;
    fprintf(options.out,
            "{\"mark\": %u, \"instructions\": %" PRIu64 ", \"kernel\": %" PRIu64
            ", \"user\": %" PRIu64 ", \"skipped\": %" PRIu64,
            window.mark, window.kernel + window.user, window.kernel, window.user, window.skipped);
    if (options.lines)
        fprintf(options.out,
                ", \"reads\": %" PRIu64 ", \"writes\": %" PRIu64
                ", \"data_lines\": %u, \"code_lines\": %u, \"data_pages\": %u, \"code_pages\": %u",
                window.reads, window.writes, data_lines.count, code_lines.count, data_pages.count,
                code_pages.count);
    fprintf(options.out, ", \"events\": {");
    for (int i = EVENT_PLAIN + 1, n = 0; i < EVENT_COUNT; i++)
        if (window.events[i])
            fprintf(options.out, "%s\"%s\": %" PRIu64, n++ ? ", " : "", event_names[i],
                    window.events[i]);
    fprintf(options.out, "}}\n");
    fflush(options.out); /* QEMU may be killed at any time */
    stretches_begin();
}

static void line_touch(struct line_set *set, uint64_t line)
{
    uint32_t at = (uint32_t)(line * 0x9e3779b97f4a7c15ull >> 44);

    while (set->window[at] == window.number && set->line[at] != line)
        at = (at + 1) % LINES;
    if (set->window[at] == window.number)
        return;
    if (++set->count > LINES / 2) {
        fprintf(stderr, "count plugin: too many lines in one window\n");
        abort();
    }
    set->window[at] = window.number;
    set->line[at] = line;
}

static void bytes_touch(struct line_set *lines, struct line_set *pages, uint64_t first,
                        uint64_t last)
{
    line_touch(lines, first >> LINE_SHIFT);
    line_touch(lines, last >> LINE_SHIFT);
    line_touch(pages, first >> PAGE_SHIFT);
    line_touch(pages, last >> PAGE_SHIFT);
}

/* ---- What QEMU calls ---- */

static void instruction_runs(unsigned int vcpu, void *data)
{
    const struct instruction *instruction = data;

    (void)vcpu;
    stretch_instruction(instruction->address, (enum event)instruction->event,
                        instruction->is_check);
    if (instruction->is_from)
        window_begin(0);
    if (instruction->is_to && window.open)
        window_end();
    if (instruction->mark) {
        if ((instruction->mark & 0xffff0000) == BENCH_MARK_BEGIN)
            window_begin(instruction->mark & 0xffff);
        else if (window.open && window.mark == (instruction->mark & 0xffff))
            window_end();
        return;
    }
    if (!window.open)
        return;
    if (instruction->skip) {
        window.skipped++;
        return;
    }
    *(instruction->address >= KERNEL ? &window.kernel : &window.user) += 1;
    window.events[instruction->event]++;
    if (options.lines)
        bytes_touch(&code_lines, &code_pages, instruction->first, instruction->last);
}

static void memory_accessed(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address,
                            void *data)
{
    (void)vcpu;
    (void)data;
    if (!window.open)
        return;
    const struct qemu_plugin_hwaddr *hwaddr = qemu_plugin_get_hwaddr(info, address);
    uint64_t first = hwaddr ? qemu_plugin_hwaddr_phys_addr(hwaddr) : address;
    uint64_t last = first + (1u << qemu_plugin_mem_size_shift(info)) - 1;
    *(qemu_plugin_mem_is_store(info) ? &window.writes : &window.reads) += 1;
    bytes_touch(&data_lines, &data_pages, first, last);
}

static bool in_range(uint64_t address, const struct range *range)
{
    return address >= range->low && address < range->high;
}

static uint32_t mark_of(const uint8_t *bytes, size_t size)
{
    uint32_t mark;

    if (size != 8 || memcmp(bytes, "\x0f\x1f\x84", 4) != 0)
        return 0;
    memcpy(&mark, bytes + 4, sizeof(mark));
    uint32_t kind = mark & 0xffff0000;
    return kind == BENCH_MARK_BEGIN || kind == BENCH_MARK_END ? mark : 0;
}

static struct instruction *instruction_new(const struct qemu_plugin_insn *insn)
{
    /* Never freed: QEMU does not say when a translation is dropped. */
    struct instruction *new = calloc(1, sizeof(*new));
    const uint8_t *bytes = qemu_plugin_insn_data(insn);
    size_t size = qemu_plugin_insn_size(insn);
    uint64_t host = (uintptr_t)qemu_plugin_insn_haddr(insn);

    if (!new)
        abort();
    new->address = qemu_plugin_insn_vaddr(insn);
    new->first = host;
    new->last = host + size - 1;
    new->mark = mark_of(bytes, size);
    new->event = (uint8_t)decode(bytes, size);
    new->is_from = options.from &&new->address == options.from;
    new->is_check = size == 2 && memcmp(bytes, "\xe4\x20", 2) == 0;
    new->is_to = in_range(new->address, &options.to);
    for (unsigned i = 0; i < options.skips; i++)
        new->skip |= in_range(new->address, &options.skip[i]);
    return new;
}

static void block_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, instruction_runs, QEMU_PLUGIN_CB_NO_REGS,
                                               instruction_new(insn));
        if (options.lines)
            qemu_plugin_register_vcpu_mem_cb(insn, memory_accessed, QEMU_PLUGIN_CB_NO_REGS,
                                             QEMU_PLUGIN_MEM_RW, NULL);
    }
}

/* ---- Arguments ---- */

static bool parse_range(const char *text, struct range *range)
{
    char *end;

    range->low = strtoull(text, &end, 0);
    if (*end != '-')
        return false;
    range->high = strtoull(end + 1, &end, 0);
    return *end == '\0' && range->low < range->high;
}

static bool parse(const char *argument)
{
    if (strncmp(argument, "out=", 4) == 0)
        return (options.out = fopen(argument + 4, "w")) != NULL;
    if (strncmp(argument, "lines=", 6) == 0) {
        options.lines = strcmp(argument + 6, "on") == 0;
        return true;
    }
    if (strncmp(argument, "from=", 5) == 0)
        return (options.from = strtoull(argument + 5, NULL, 0)) != 0;
    if (strncmp(argument, "to=", 3) == 0)
        return parse_range(argument + 3, &options.to);
    if (strncmp(argument, "stretches=", 10) == 0)
        return stretches_to(argument + 10);
    if (strncmp(argument, "skip=", 5) == 0 && options.skips < SKIPS)
        return parse_range(argument + 5, &options.skip[options.skips++]);
    return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count, char **arguments)
{
    (void)info;
    for (int i = 0; i < count; i++)
        if (!parse(arguments[i])) {
            fprintf(stderr, "count plugin: cannot use the argument %s\n", arguments[i]);
            return 1;
        }
    if (!options.out) {
        fprintf(stderr, "count plugin: out=PATH is missing\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
    return 0;
}
