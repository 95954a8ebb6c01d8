/* SPDX-License-Identifier: MIT */
/* Attack 26: instructions that are not for users, and every INT there is. */
#include "entry.h"

#include <string.h>

#define NOTHING 0xffu /* no exception at all: the code returns */

static uint8_t code[64] __attribute__((aligned(64)));

struct sample {
    const char *name;
    uint8_t vector;
    uint8_t other; /* processors differ: also right; or the same again */
    uint8_t length;
    const char *bytes;
};
#define CODE(name, vector, bytes)                                                                  \
    {                                                                                              \
        name, vector, vector, sizeof bytes - 1, bytes                                              \
    }
#define CODE2(name, vector, other, bytes)                                                          \
    {                                                                                              \
        name, vector, other, sizeof bytes - 1, bytes                                               \
    }
#define RET "\xc3"

static const struct sample samples[] = {
    CODE("hlt", 13, "\xf4"),
    CODE("cli", 13, "\xfa"),
    CODE("sti", 13, "\xfb"),
    CODE("lgdt", 13, "\x0f\x01\x14\x24"),
    CODE("lidt", 13, "\x0f\x01\x1c\x24"),
    CODE("lldt", 13, "\x0f\x00\xd0"),
    CODE("ltr", 13, "\x0f\x00\xd8"),
    CODE("lmsw", 13, "\x0f\x01\xf0"),
    CODE("clts", 13, "\x0f\x06"),
    CODE("invd", 13, "\x0f\x08"),
    CODE("wbinvd", 13, "\x0f\x09"),
    CODE("invlpg", 13, "\x0f\x01\x38"),
    CODE("rdmsr", 13, "\x31\xc9\x0f\x32"),
    CODE("wrmsr of SYSENTER_EIP", 13, "\xb9\x76\x01\x00\x00\x0f\x30"),
    CODE("rdpmc", 13, "\x31\xc9\x0f\x33"),
    CODE("read cr0", 13, "\x0f\x20\xc0"),
    CODE("write cr0", 13, "\x0f\x22\xc0"),
    CODE("write cr2", 13, "\x0f\x22\xd0"),
    CODE("read cr3", 13, "\x0f\x20\xd8"),
    CODE("write cr3", 13, "\x0f\x22\xd8"),
    CODE("write cr4", 13, "\x0f\x22\xe0"),
    CODE("read dr0", 13, "\x0f\x21\xc0"),
    CODE("write dr0", 13, "\x0f\x23\xc0"),
    CODE("write dr7", 13, "\x0f\x23\xf8"),
    CODE("in al, 0x60", 13, "\xe4\x60"),
    CODE("out 0x20, al", 13, "\xe6\x20"),
    CODE("in al, dx: the UART's", 13, "\x66\xba\xf8\x03\xec"),
    CODE("out dx, al: the UART's", 13, "\x66\xba\xf8\x03\xee"),
    CODE("in eax, dx at 0xfffd", 13, "\x66\xba\xfd\xff\xed"),
    CODE("in eax, dx at 0xffff", 13, "\x66\xba\xff\xff\xed"),
    CODE("insb", 13, "\x66\xba\x60\x00\x89\xe7\x6c"),
    CODE("outsb", 13, "\x66\xba\xf4\x00\x89\xe6\x6e"),
    CODE("far jump into the kernel", 13, "\xea\x00\x00\x10\xc0\x08\x00"),
    CODE("far call of the TSS", 13, "\x9a\x00\x00\x00\x00\x30\x00"),
    CODE("far call of the double fault's TSS", 13, "\x9a\x00\x00\x00\x00\x3b\x00"),
    CODE("iret into ring 0", 13, "\x9c\x6a\x08\x68\x00\x00\x10\xc0\xcf"),
    CODE2("iret with NT", 10, 13, "\x9c\x81\x0c\x24\x00\x40\x00\x00\x9d\xcf"),
    CODE2("sysexit", 13, 6, "\x0f\x35"), /* 6: a processor without SEP */
    CODE("rsm", 6, "\x0f\xaa"),
    CODE("ud2", 6, "\x0f\x0b"),
    CODE("division by 0", 0, "\x31\xc0\xf7\xf0"),
    CODE("bound", 5, "\x6a\x00\x6a\x00\xb8\x05\x00\x00\x00\x62\x04\x24"),
    CODE("into", 4, "\xb0\x7f\x04\x01\xce" RET),
    CODE("int3", 3, "\xcc" RET),
    /* mov eax, ss; mov ss, eax; ... : an interrupt shadow before each kind of entry */
    CODE("mov ss, int3", 3, "\x8c\xd0\x8e\xd0\xcc" RET),
    CODE("mov ss, hlt", 13, "\x8c\xd0\x8e\xd0\xf4"),
    CODE("mov ss, kernel call", NOTHING,
         "\x8c\xd0\x8e\xd0\xb8\xff\xff\xff\x7f\x8c\xd1\x8e\xd1\xcd\x40" RET),
    CODE("mov ss, IPC gate", NOTHING, "\x8c\xd0\x8e\xd0\xcd\x41"),
    CODE("stepping: mov ss, int3", 3,
         "\x8c\xd0\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d\x8e\xd0\xcc" RET),
    CODE("stepping: mov ss, kernel call", 1,
         "\x8c\xd1\xb8\xff\xff\xff\x7f\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d\x8e\xd1\xcd\x40" RET),
    CODE("stepping: mov ss, IPC gate", 1,
         "\x8c\xd0\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d\x8e\xd0\xcd\x41"),
    CODE("mov ss: null", 13, "\x31\xc0\x8e\xd0"),
    CODE("mov ss: the kernel's", 13, "\xb8\x10\x00\x00\x00\x8e\xd0"),
    CODE("mov ss: code", 13, "\xb8\x1b\x00\x00\x00\x8e\xd0"),
    CODE("mov ss: read-only", 13, "\xb8\x2b\x00\x00\x00\x8e\xd0"),
    /* What is not refused must not work either: {push flags; popf; pushf; pop eax; test; ud2} */
    CODE("popf: IOPL stays 0", NOTHING,
         "\x68\x02\x32\x00\x00\x9d\x9c\x58\x25\x00\x30\x00\x00\x74\x02\x0f\x0b" RET),
    CODE("popf: IF stays 1", NOTHING,
         "\x68\x02\x00\x00\x00\x9d\x9c\x58\x25\x00\x02\x00\x00\x75\x02\x0f\x0b" RET),
    CODE("popf: VM stays 0", NOTHING,
         "\x68\x02\x02\x02\x00\x9d\x9c\x58\x25\x00\x00\x02\x00\x74\x02\x0f\x0b" RET),
};

static struct twin_end run(const void *bytes, unsigned length)
{
    memset(code, 0xf4, sizeof code);
    memcpy(code, bytes, length);
    arena.judge = judge_traps;
    struct twin_end end = twin_run(&arena, run_bytes, code);
    arena.judge = NULL;
    return end;
}

static bool is_trap(uint32_t vector) { return vector == 1 || vector == 3 || vector == 4; }

void test_instructions(void)
{
    for (unsigned i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *sample = &samples[i];
        struct twin_end end = run(sample->bytes, sample->length);
        bool right = end.exceptions > 0 &&
                     (end.first.vector == sample->vector || end.first.vector == sample->other);
        if (sample->vector == NOTHING)
            right = end.exceptions == 0;
        bool returns = sample->vector == NOTHING || is_trap(sample->vector);
        TEST_CHECK(!end.hung && right &&
                       end.reason == (returns ? IRIS_EXIT_RETURN : IRIS_EXIT_FAULT),
                   "%s: %u exceptions, vector %u error 0x%x", sample->name, end.exceptions,
                   (unsigned)end.first.vector, (unsigned)end.first.error);
    }
}

/* ---- int 0 .. 255 ---- */

static bool is_interrupt_right(unsigned number, const struct twin_end *end)
{
    if (end->hung)
        return false;
    if (number == IRIS_GATE_CALL || number == IRIS_GATE_IPC)
        return end->exceptions == 0 && end->reason == IRIS_EXIT_RETURN;
    if (number == 3 || number == 4)
        return end->exceptions == 1 && end->first.vector == number &&
               end->reason == IRIS_EXIT_RETURN;
    return end->exceptions == 1 && end->first.vector == 13 && end->first.error == number * 8 + 2 &&
           end->reason == IRIS_EXIT_FAULT;
}

void test_interrupts(void)
{
    unsigned wrong = 0, first = 0;

    for (unsigned number = 0; number < 256; number++) {
        uint8_t bytes[] = {0xcd, (uint8_t)number, 0xc3};
        struct twin_end end = run(bytes, sizeof bytes);
        if (!is_interrupt_right(number, &end) && wrong++ == 0)
            first = number;
    }
    TEST_CHECK(wrong == 0, "int 0 .. 255: %u were not what they should be (first: %u)", wrong,
               first);
}
