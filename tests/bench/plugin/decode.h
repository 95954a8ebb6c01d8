/* SPDX-License-Identifier: MIT */
/* Which IA-32 instructions cost more than their count says (opcodes: SDM 2, appendix A). */
#ifndef BENCH_DECODE_H
#define BENCH_DECODE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EVENTS(X)                                                                                  \
    X(PLAIN, "plain")                                                                              \
    X(SYSENTER, "sysenter")                                                                        \
    X(SYSEXIT, "sysexit")                                                                          \
    X(INT, "int")                                                                                  \
    X(IRET, "iret")                                                                                \
    X(CR0_READ, "cr0_reads")                                                                       \
    X(CR0_WRITE, "cr0_writes")                                                                     \
    X(CR2_READ, "cr2_reads")                                                                       \
    X(CR3_READ, "cr3_reads")                                                                       \
    X(CR3_WRITE, "cr3_writes")                                                                     \
    X(CR4, "cr4_accesses")                                                                         \
    X(CLTS, "clts")                                                                                \
    X(MSR_READ, "msr_reads")                                                                       \
    X(MSR_WRITE, "msr_writes")                                                                     \
    X(SEGMENT_LOAD, "segment_loads")                                                               \
    X(SEGMENT_READ, "segment_reads")                                                               \
    X(TABLE_LOAD, "table_loads")                                                                   \
    X(INVLPG, "invlpg")                                                                            \
    X(FPU_SAVE, "fpu_saves")                                                                       \
    X(FPU_LOAD, "fpu_loads")                                                                       \
    X(FLAGS, "flags_accesses")                                                                     \
    X(CLI_STI, "cli_sti")                                                                          \
    X(PORT, "port_accesses")                                                                       \
    X(HALT, "halts")                                                                               \
    X(CPUID, "cpuid")                                                                              \
    X(RDTSC, "rdtsc")

#define EVENT_ENUM(name, text) EVENT_##name,
enum event { EVENTS(EVENT_ENUM) EVENT_COUNT };
#undef EVENT_ENUM

#define EVENT_TEXT(name, text) text,
static const char *const event_names[] = {EVENTS(EVENT_TEXT)};
#undef EVENT_TEXT

static inline enum event decode_control_register(unsigned reg, int write)
{
    switch (reg) {
    case 0:
        return write ? EVENT_CR0_WRITE : EVENT_CR0_READ;
    case 2:
        return EVENT_CR2_READ;
    case 3:
        return write ? EVENT_CR3_WRITE : EVENT_CR3_READ;
    default:
        return EVENT_CR4;
    }
}

/* Opcodes that begin with 0f; `modrm` is the byte behind. */
static inline enum event decode_two_bytes(uint8_t opcode, uint8_t modrm)
{
    unsigned reg = modrm >> 3 & 7, is_memory = modrm < 0xc0;

    switch (opcode) {
    case 0x00:
        return reg == 2 || reg == 3 ? EVENT_TABLE_LOAD : EVENT_PLAIN;
    case 0x01:
        if (!is_memory)
            return EVENT_PLAIN;
        return reg == 7 ? EVENT_INVLPG : reg == 2 || reg == 3 ? EVENT_TABLE_LOAD : EVENT_PLAIN;
    case 0x06:
        return EVENT_CLTS;
    case 0x20:
        return decode_control_register(reg, 0);
    case 0x22:
        return decode_control_register(reg, 1);
    case 0x30:
        return EVENT_MSR_WRITE;
    case 0x31:
        return EVENT_RDTSC;
    case 0x32:
        return EVENT_MSR_READ;
    case 0x34:
        return EVENT_SYSENTER;
    case 0x35:
        return EVENT_SYSEXIT;
    case 0xa0:
    case 0xa8:
        return EVENT_SEGMENT_READ;
    case 0xa1:
    case 0xa9:
    case 0xb2:
    case 0xb4:
    case 0xb5:
        return EVENT_SEGMENT_LOAD;
    case 0xa2:
        return EVENT_CPUID;
    case 0xae:
        return !is_memory || reg > 1 ? EVENT_PLAIN : reg ? EVENT_FPU_LOAD : EVENT_FPU_SAVE;
    default:
        return EVENT_PLAIN;
    }
}

static inline enum event decode_one_byte(uint8_t opcode, uint8_t modrm)
{
    unsigned reg = modrm >> 3 & 7, is_memory = modrm < 0xc0;

    switch (opcode) {
    case 0x06:
    case 0x0e:
    case 0x16:
    case 0x1e:
    case 0x8c:
        return EVENT_SEGMENT_READ;
    case 0x07:
    case 0x17:
    case 0x1f:
    case 0x8e:
    case 0x9a:
    case 0xc4:
    case 0xc5:
    case 0xca:
    case 0xcb:
    case 0xea:
        return EVENT_SEGMENT_LOAD;
    case 0x9c:
    case 0x9d:
        return EVENT_FLAGS;
    case 0xcc:
    case 0xcd:
        return EVENT_INT;
    case 0xcf:
        return EVENT_IRET;
    case 0xdd: /* FRSTOR /4, FNSAVE /6 */
        return !is_memory || (reg != 4 && reg != 6) ? EVENT_PLAIN
               : reg == 4                           ? EVENT_FPU_LOAD
                                                    : EVENT_FPU_SAVE;
    case 0x6c ... 0x6f:
    case 0xe4 ... 0xe7:
    case 0xec ... 0xef:
        return EVENT_PORT;
    case 0xf4:
        return EVENT_HALT;
    case 0xfa:
    case 0xfb:
        return EVENT_CLI_STI;
    default:
        return EVENT_PLAIN;
    }
}

static inline enum event decode(const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    while (at < size && strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", bytes[at]) &&
           bytes[at] != 0)
        at++;
    uint8_t first = at < size ? bytes[at] : 0x90;
    uint8_t second = at + 1 < size ? bytes[at + 1] : 0;
    uint8_t third = at + 2 < size ? bytes[at + 2] : 0;
    return first == 0x0f ? decode_two_bytes(second, third) : decode_one_byte(first, second);
}

#endif
