/* SPDX-License-Identifier: MIT */
/* The ELF reader of the loaders: a good file, each kind of bad one, and 300,000 mutated ones. */
#include "../../servers/lib/elf.c"

#include "server_check.h"

#define LOW 0x00400000u
#define HIGH 0xbfc00000u
#define ROUNDS 300000

/* A program as the linker makes it: headers and text in one segment, data and bss in another. */
struct sample {
    struct file_header header;
    struct program_header program[3];
    struct section_header section[3];
    struct symbol symbol[3];
    char names[32];
    uint8_t filler[5000];
};

static struct sample good(void)
{
    struct sample s;

    memset(&s, 0x90, sizeof s);
    s.header = (struct file_header){.ident = {0x7f, 'E', 'L', 'F', 1, 1, 1},
                                    .type = TYPE_EXECUTABLE,
                                    .machine = MACHINE_386,
                                    .version = 1,
                                    .entry = LOW + 0x200,
                                    .program_offset = offsetof(struct sample, program),
                                    .section_offset = offsetof(struct sample, section),
                                    .size = 52,
                                    .program_entry_size = 32,
                                    .program_count = 3,
                                    .section_entry_size = 40,
                                    .section_count = 3};
    s.program[0] = (struct program_header){.type = SEGMENT_LOAD,
                                           .address = LOW,
                                           .file_size = 0x1000,
                                           .memory_size = 0x1000,
                                           .flags = 5,
                                           .align = 4096};
    s.program[1] = (struct program_header){.type = SEGMENT_LOAD,
                                           .offset = 0x1010,
                                           .address = LOW + 0x3010,
                                           .file_size = 0x100,
                                           .memory_size = 0x2000,
                                           .flags = 6,
                                           .align = 4096};
    s.program[2] = (struct program_header){.type = SEGMENT_TLS,
                                           .offset = 0x1010,
                                           .address = LOW + 0x3010,
                                           .file_size = 8,
                                           .memory_size = 24,
                                           .align = 8};
    s.section[0] = (struct section_header){.type = 0};
    s.section[1] = (struct section_header){.type = SECTION_SYMBOLS,
                                           .offset = offsetof(struct sample, symbol),
                                           .size = sizeof s.symbol,
                                           .link = 2,
                                           .entry_size = 16};
    s.section[2] = (struct section_header){
        .type = 3, .offset = offsetof(struct sample, names), .size = sizeof s.names};
    memcpy(s.names, "\0main\0helper\0", 13);
    s.symbol[0] = (struct symbol){.name = 0};
    s.symbol[1] = (struct symbol){
        .name = 1, .value = LOW + 0x200, .size = 0x40, .info = SYMBOL_FUNCTION, .section = 1};
    s.symbol[2] = (struct symbol){
        .name = 6, .value = LOW + 0x240, .size = 0x20, .info = SYMBOL_FUNCTION, .section = 1};
    return s;
}

/* All of the file is there. */
static const char *read_whole(const void *data, uint32_t size, struct elf_program *program)
{
    return elf_read(&(struct elf_head){data, size, size}, LOW, HIGH, program);
}

static void test_good(void)
{
    struct sample s = good();
    struct elf_program program;

    CHECK(read_whole(&s, sizeof s, &program) == NULL);
    CHECK(program.entry == LOW + 0x200 && program.segments == 2);
    CHECK(program.segment[0].address == LOW && program.segment[0].size == 0x1000);
    CHECK(!program.segment[0].writable && program.segment[1].writable);
    CHECK(program.segment[1].address == LOW + 0x3000 && program.segment[1].size == 0x3000);
    CHECK(program.segment[1].file_offset == 0x1000 && program.segment[1].file_size == 0x110);
    CHECK(program.headers == LOW + offsetof(struct sample, program));
    CHECK(program.headers_count == 3);
    CHECK(program.tls_size == 24 && program.tls_align == 8);
}

static void test_symbols(void)
{
    struct sample s = good();
    struct elf_symbol symbol;

    CHECK(elf_symbol_at(&s, sizeof s, LOW + 0x210, &symbol));
    CHECK_TEXT(symbol.name, "main");
    CHECK(symbol.address == LOW + 0x200);
    CHECK(elf_symbol_at(&s, sizeof s, LOW + 0x25f, &symbol));
    CHECK_TEXT(symbol.name, "helper");
    CHECK(!elf_symbol_at(&s, sizeof s, LOW + 0x260, &symbol));
    CHECK(!elf_symbol_at(&s, sizeof s, LOW + 0x1ff, &symbol));
    s.symbol[2].name = 31; /* ends beyond the table: names must end inside it */
    memset(s.names + 13, 'x', sizeof s.names - 13);
    CHECK(!elf_symbol_at(&s, sizeof s, LOW + 0x250, &symbol));
}

/* One field made wrong must be noticed. */
#define BAD(change)                                                                                \
    do {                                                                                           \
        struct sample s = good();                                                                  \
        struct elf_program none;                                                                   \
        change;                                                                                    \
        CHECK(read_whole(&s, sizeof s, &none) != NULL);                                            \
    } while (0)

static void test_bad(void)
{
    struct elf_program program;
    struct sample whole = good();

    BAD(s.header.ident[0] = 0);
    BAD(s.header.ident[4] = 2);
    BAD(s.header.ident[5] = 2);
    BAD(s.header.type = 3);
    BAD(s.header.machine = 62);
    BAD(s.header.program_entry_size = 56);
    BAD(s.header.program_offset = sizeof s - 16);
    BAD(s.header.program_offset = 0xfffffff0);
    BAD(s.header.program_count = 0);
    BAD(s.header.entry = LOW + 0x2000);
    BAD(s.program[0].address = LOW - 0x1000);
    BAD(s.program[1].address = HIGH - 0xff0);
    BAD(s.program[1].memory_size = 0xffffffff);
    BAD(s.program[1].file_size = 0x2001);
    BAD(s.program[1].offset = 0x1020);
    BAD(s.program[1].offset = 0xfffff010);
    BAD(s.program[1].address = LOW + 0x010);
    BAD(s.program[0].memory_size = 0x3011);
    BAD(s.program[2].align = 24);
    BAD(s.program[2].memory_size = 0x2000);
    CHECK(read_whole(&whole, 51, &program) != NULL);
    CHECK(read_whole(&whole, 0, &program) != NULL);
    CHECK(read_whole(&whole, 0x1100, &program) != NULL);
}

/* Only the beginning is there: enough, as long as the headers are. */
static void test_head(void)
{
    struct sample s = good();
    struct elf_program whole, program;
    struct elf_head head = {&s, offsetof(struct sample, program) + sizeof s.program, sizeof s};

    read_whole(&s, sizeof s, &whole);
    CHECK(elf_read(&head, LOW, HIGH, &program) == NULL);
    CHECK(memcmp(&program, &whole, sizeof program) == 0);
    head.have--;
    CHECK(elf_read(&head, LOW, HIGH, &program) != NULL);
    head.have++;
    head.size = 0x1100; /* the file ends inside a segment, whatever is at hand */
    CHECK(elf_read(&head, LOW, HIGH, &program) != NULL);
}

/* What a loader relies on. */
static void check_promises(const struct elf_program *p, uint32_t size)
{
    uint32_t end = LOW;
    int entry_inside = 0;

    CHECK(p->segments <= ELF_SEGMENTS_MAX && p->segments > 0);
    for (uint32_t i = 0; i < p->segments; i++) {
        const struct elf_segment *s = &p->segment[i];
        CHECK(s->address % 4096 == 0 && s->size % 4096 == 0 && s->size > 0);
        CHECK(s->address >= end && s->address < HIGH && s->size <= HIGH - s->address);
        CHECK(s->file_size <= s->size && s->file_offset % 4096 == 0);
        CHECK(s->file_size == 0 ||
              (s->file_offset < size && s->file_size <= size - s->file_offset));
        end = s->address + s->size;
        entry_inside |= p->entry - s->address < s->size;
    }
    CHECK(entry_inside);
    CHECK(p->tls_size <= 4096 && p->tls_align <= 4096);
}

/* The file lies in memory of its own size, so that AddressSanitizer sees a read beyond it. */
static void test_mutated(void)
{
    struct sample original = good();
    struct elf_program program;
    struct elf_symbol symbol;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t size = random_below(8) == 0 ? random_below(sizeof original + 1) : sizeof original;
        uint8_t *file = malloc(size + 1);
        memcpy(file, &original, size);
        if (size > 0)
            random_damage(file, size, offsetof(struct sample, filler));
        if (read_whole(file, size, &program) == NULL)
            check_promises(&program, size);
        if (elf_symbol_at(file, size, LOW + 0x200 + random_below(0x80), &symbol))
            CHECK(strlen(symbol.name) < size);
        free(file);
    }
}

int main(void)
{
    check_begin();
    test_good();
    test_symbols();
    test_bad();
    test_head();
    test_mutated();
    return 0;
}
