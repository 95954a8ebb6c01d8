/* SPDX-License-Identifier: MIT */
/*
 * The kernel's ELF reader: what a sound file says, and that no damaged one makes it read outside
 * the file (each copy is a heap block of its exact size) or accept a segment that is not there.
 */
#include "../../kernel/elf.c"

#include "kernel_test.h"

#define STEPS 60000
#define FILE_SIZE 1024u
#define TABLE 52u
#define SEGMENTS 5

struct file {
    struct elf_header header;
    struct program_header segment[SEGMENTS];
    char data[FILE_SIZE - sizeof(struct elf_header) - SEGMENTS * sizeof(struct program_header)];
};
_Static_assert(sizeof(struct file) == FILE_SIZE, "no padding");

static struct file sound_file(void)
{
    struct file file = {
        .header = {.ident = "\177ELF\1\1\1",
                   .type = ET_EXEC,
                   .machine = EM_386,
                   .version = 1,
                   .entry = 0x400010,
                   .phoff = TABLE,
                   .ehsize = 52,
                   .phentsize = sizeof(struct program_header),
                   .phnum = SEGMENTS},
        .segment =
            {
                {.type = 2, .offset = ~0u, .vaddr = ~0u, .filesz = ~0u}, /* not to be looked at */
                {.type = PT_LOAD,
                 .offset = 0,
                 .vaddr = 0x400000,
                 .filesz = 0x200,
                 .memsz = 0x200,
                 .flags = 5},
                {.type = 0x6474e551},
                {.type = PT_LOAD,
                 .offset = 0x200,
                 .vaddr = 0x401200,
                 .filesz = 0x200,
                 .memsz = 0x5000,
                 .flags = 6},
                {.type = PT_LOAD,
                 .offset = FILE_SIZE,
                 .vaddr = IRIS_WINDOW - 4096,
                 .memsz = 4096,
                 .flags = 6},
            },
    };
    return file;
}

/* What the header promises: everything the caller will copy lies in the file and in user space. */
static void check_segments(const struct elf_image *elf, uint32_t size)
{
    struct elf_segment s;
    bool entry_found = false;
    unsigned i;

    for (i = 0; elf_segment(elf, i, &s); i++) {
        CHECK((uint64_t)s.offset + s.file_size <= size);
        CHECK(s.file_size <= s.memory_size);
        CHECK(s.address >= PAGE_SIZE && (uint64_t)s.address + s.memory_size <= IRIS_WINDOW);
        entry_found |= elf->entry >= s.address && elf->entry - s.address < s.file_size;
    }
    CHECK(entry_found);
    CHECK(i <= elf->count);
}

static const char *open_copy(const struct file *file, uint32_t size)
{
    struct elf_image elf;
    char *copy = malloc(size ? size : 1);

    memcpy(copy, file, size);
    const char *problem = elf_open(&elf, copy, size);
    if (!problem)
        check_segments(&elf, size);
    free(copy);
    return problem;
}

static void sound_is_accepted(void)
{
    struct file file = sound_file();
    struct elf_image elf;
    struct elf_segment s;

    CHECK(elf_open(&elf, (const char *)&file, sizeof(file)) == NULL);
    CHECK_EQUAL(elf.entry, 0x400010);
    CHECK(elf_segment(&elf, 0, &s) && s.address == 0x400000 && s.file_size == 0x200 &&
          s.memory_size == 0x200 && !s.writable);
    CHECK(elf_segment(&elf, 1, &s) && s.address == 0x401200 && s.offset == 0x200 &&
          s.memory_size == 0x5000 && s.writable);
    CHECK(elf_segment(&elf, 2, &s) && s.address == IRIS_WINDOW - 4096 && s.file_size == 0);
    CHECK(!elf_segment(&elf, 3, &s));
}

/* One field wrong at a time: each must be refused, whatever it says. */
static void wrong_is_refused(void)
{
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        struct file file = sound_file();                                                           \
        change;                                                                                    \
        if (!open_copy(&file, sizeof(file)))                                                       \
            TEST_FAIL("accepted with %s", #change);                                                \
    } while (0)
    REFUSED(file.header.ident[0] = 0);
    REFUSED(file.header.ident[4] = 2);
    REFUSED(file.header.ident[5] = 2);
    REFUSED(file.header.ident[6] = 0);
    REFUSED(file.header.type = 3);
    REFUSED(file.header.machine = 62);
    REFUSED(file.header.phentsize = 31);
    REFUSED(file.header.phentsize = 33);
    REFUSED(file.header.phoff = 54);
    REFUSED(file.header.phoff = 0xfffffffc);
    REFUSED(file.header.phoff = FILE_SIZE - 4);
    REFUSED(file.header.phnum = 0xffff);
    REFUSED((file.header.phnum = 0xffff, file.header.phentsize = 0xfffc));
    REFUSED(file.header.phnum = 0);
    REFUSED(file.header.entry = 0x400200);
    REFUSED(file.header.entry = 0x3fffff);
    REFUSED(file.header.entry = 0x401400); /* in the part that is not in the file */
    REFUSED(file.segment[1].filesz = FILE_SIZE + 1);
    REFUSED(file.segment[1].memsz = 0x1ff);
    REFUSED(file.segment[3].offset = 0xfffffff0);
    REFUSED(file.segment[3].offset = FILE_SIZE - 0x1ff);
    REFUSED(file.segment[3].vaddr = 0xfff);
    REFUSED(file.segment[3].vaddr = IRIS_WINDOW);
    REFUSED(file.segment[3].vaddr = 0xfffffff0);
    REFUSED(file.segment[3].memsz = 0xffffffff);
    REFUSED(file.segment[4].memsz = 4097);
#undef REFUSED
    for (uint32_t size = 0; size < TABLE + SEGMENTS * sizeof(struct program_header); size++) {
        struct file file = sound_file();
        CHECK(open_copy(&file, size) != NULL);
    }
}

static uint32_t interesting(void)
{
    static const uint32_t values[] = {0,          1,          4,          31,         32,
                                      FILE_SIZE,  0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc,
                                      0xffff0000, 0xbfc00000, 0x00400000, 0xfff,      0x1000,
                                      0xbfbfffff, 0xfffff000, 0x0000ffff, 52,         0x10000};

    return test_chance(3) ? test_random() : values[test_below(countof(values))];
}

static void random_damage(struct file *file)
{
    char *bytes = (char *)file;
    uint32_t value = interesting(), limit = TABLE + SEGMENTS * sizeof(struct program_header);

    switch (test_below(3)) {
    case 0:
        bytes[test_below(limit)] = (char)value;
        break;
    case 1:
        memcpy(bytes + test_below(limit / 2) * 2, &value, 2);
        break;
    default:
        memcpy(bytes + test_below(limit / 4) * 4, &value, 4);
    }
}

int main(void)
{
    unsigned accepted = 0, refused = 0;

    test_begin();
    sound_is_accepted();
    wrong_is_refused();
    for (test_step = 1; test_step <= STEPS; test_step++) {
        struct file file = sound_file();
        uint32_t size = test_chance(4) ? test_below(FILE_SIZE + 1) : FILE_SIZE;
        for (unsigned changes = test_below(4); changes > 0; changes--)
            random_damage(&file);
        *(open_copy(&file, size) ? &refused : &accepted) += 1;
    }
    CHECK(accepted > STEPS / 50 && refused > STEPS / 50); /* else the damage shows nothing */
    return test_end();
}
