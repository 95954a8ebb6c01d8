/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stddef.h>
#include <string.h>

#include <iris/ipc.h>
#include <iris/layout.h>

#include "elf.h"
#include "text.h"

#define LINE_MAX_LENGTH 160
#define FRAMES_MAX 16
#define VECTOR_PAGE_FAULT 14

/* SDM 3A table 6-1. */
static const char *vector_name(uint32_t vector)
{
    static const char *const names[] = {"divide error",
                                        "debug exception",
                                        "non-maskable interrupt",
                                        "breakpoint",
                                        "overflow",
                                        "bound range exceeded",
                                        "invalid opcode",
                                        "no floating-point unit",
                                        "double fault",
                                        "coprocessor overrun",
                                        "invalid TSS",
                                        "segment not present",
                                        "stack fault",
                                        "general protection fault",
                                        "page fault",
                                        "reserved",
                                        "floating-point error",
                                        "alignment check",
                                        "machine check",
                                        "SIMD floating-point error"};

    return vector < sizeof names / sizeof names[0] ? names[vector] : "unknown exception";
}

static void print_line(const struct report *r, const struct text_line *line)
{
    r->print(r->context, line->buffer);
}

static void print_head(const struct report *r)
{
    const struct iris_exception *e = r->exception;
    char buffer[LINE_MAX_LENGTH];
    struct text_line line = text_begin(buffer, sizeof buffer);

    text_add(&line, "fault: ");
    text_add(&line, r->name);
    text_add(&line, " (pid ");
    text_add_decimal(&line, r->pid, 0);
    text_add(&line, "): ");
    text_add(&line, vector_name(e->vector));
    if (e->vector == VECTOR_PAGE_FAULT) {
        text_add(&line, e->error & IRIS_FAULT_WRITE ? " writing 0x" : " reading 0x");
        text_add_hex(&line, e->address, 8);
    } else if (e->error != 0) {
        text_add(&line, ", error code 0x");
        text_add_hex(&line, e->error, 4);
    }
    text_add(&line, " at 0x");
    text_add_hex(&line, e->ip, 8);
    print_line(r, &line);
}

struct named_register {
    const char *name;
    uint32_t value;
};

static void print_registers(const struct report *r, const struct named_register *registers,
                            uint32_t count)
{
    char buffer[LINE_MAX_LENGTH];
    struct text_line line = text_begin(buffer, sizeof buffer);

    for (uint32_t i = 0; i < count; i++) {
        text_add(&line, i == 0 ? "  " : " ");
        text_add(&line, registers[i].name);
        text_add(&line, "=");
        text_add_hex(&line, registers[i].value, 8);
    }
    print_line(r, &line);
}

static void print_state(const struct report *r)
{
    const struct iris_exception *e = r->exception;
    const struct named_register general[] = {{"eax", e->eax}, {"ebx", e->ebx}, {"ecx", e->ecx},
                                             {"edx", e->edx}, {"esi", e->esi}, {"edi", e->edi}};
    const struct named_register other[] = {{"ebp", e->ebp},
                                           {"esp", e->sp},
                                           {"eip", e->ip},
                                           {"eflags", e->flags},
                                           {"thread", e->thread}};

    print_registers(r, general, sizeof general / sizeof general[0]);
    print_registers(r, other, sizeof other / sizeof other[0]);
}

/* "  #N 0xADDR symbol+0xOFF". A return address belongs to the call before it. */
static void print_frame(const struct report *r, uint32_t number, uint32_t address)
{
    uint32_t inside = number == 0 ? address : address - 1;
    struct elf_symbol symbol;
    char buffer[LINE_MAX_LENGTH];
    struct text_line line = text_begin(buffer, sizeof buffer);

    text_add(&line, "  #");
    text_add_decimal(&line, number, 0);
    text_add(&line, " 0x");
    text_add_hex(&line, address, 8);
    if (r->file != NULL && elf_symbol_at(r->file, r->file_size, inside, &symbol)) {
        text_add(&line, " ");
        text_add_bytes(&line, symbol.name, (uint32_t)strnlen(symbol.name, 80));
        text_add(&line, "+0x");
        text_add_hex(&line, address - symbol.address, 0);
    } else if (inside >= IRIS_VDSO_BASE && inside < IRIS_DATA_PAGE) {
        text_add(&line, " vdso+0x");
        text_add_hex(&line, address - IRIS_VDSO_BASE, 0);
    }
    print_line(r, &line);
}

#define PUSH_EBP 0x55 /* first instruction of a function that makes a frame */

static bool is_code(const struct report *r, uint32_t address)
{
    struct elf_symbol symbol;
    return r->file != NULL && elf_symbol_at(r->file, r->file_size, address - 1, &symbol);
}

/*
 * Where a fault struck before its function has made a frame, or in one that makes none (the
 * compiler leaves it out where the stack is not used), or after a jump to nowhere, the return
 * address is on top of the stack. 0: it is not like that.
 */
static uint32_t return_without_frame(const struct report *r)
{
    const struct iris_exception *e = r->exception;
    struct elf_symbol symbol;
    uint32_t address;
    uint8_t first;

    if (r->file != NULL && elf_symbol_at(r->file, r->file_size, e->ip, &symbol) &&
        symbol.address != e->ip &&
        (!r->read(r->context, symbol.address, &first, 1) || first == PUSH_EBP))
        return 0;
    if (!r->read(r->context, e->sp, &address, sizeof address) || !is_code(r, address))
        return 0;
    return address;
}

/* Frames are linked by EBP: all programs are built with frame pointers. */
static void print_backtrace(const struct report *r)
{
    uint32_t frame = r->exception->ebp, number = 1, address;
    struct {
        uint32_t next, return_address;
    } link;

    print_frame(r, 0, r->exception->ip);
    address = return_without_frame(r);
    if (address != 0)
        print_frame(r, number++, address);
    for (; number < FRAMES_MAX; number++) {
        if (frame == 0 || frame % 4 != 0 || !r->read(r->context, frame, &link, sizeof link) ||
            link.return_address == 0)
            return;
        print_frame(r, number, link.return_address);
        if (link.next <= frame) /* the outermost, or a damaged stack */
            return;
        frame = link.next;
    }
    r->print(r->context, "  ...");
}

void report_fault(const struct report *report)
{
    print_head(report);
    print_state(report);
    print_backtrace(report);
}

void report_take_exception(const struct iris_message *m, struct iris_exception *exception)
{
    uint32_t words[sizeof *exception / 4];

    memcpy(words, iris_utcb()->words, sizeof words);
    memcpy(words, m->word, sizeof m->word);
    memcpy(exception, words, sizeof *exception);
}
