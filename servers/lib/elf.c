/* SPDX-License-Identifier: MIT */
#include "elf.h"

#include <stddef.h>
#include <string.h>

/* System V ABI, chapters 4 and 5, and its i386 supplement. */
enum {
    PAGE = 4096,
    TYPE_EXECUTABLE = 2,
    MACHINE_386 = 3,
    SEGMENT_LOAD = 1,
    SEGMENT_TLS = 7,
    SEGMENT_WRITABLE = 2,
    SECTION_SYMBOLS = 2,
    SYMBOL_FUNCTION = 2,
};

struct file_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, program_offset, section_offset, flags;
    uint16_t size, program_entry_size, program_count;
    uint16_t section_entry_size, section_count, section_names;
};
_Static_assert(sizeof(struct file_header) == 52, "Elf32_Ehdr");

struct program_header {
    uint32_t type, offset, address, physical, file_size, memory_size, flags, align;
};
_Static_assert(sizeof(struct program_header) == 32, "Elf32_Phdr");

struct section_header {
    uint32_t name, type, flags, address, offset, size, link, info, align, entry_size;
};
_Static_assert(sizeof(struct section_header) == 40, "Elf32_Shdr");

struct symbol {
    uint32_t name, value, size;
    uint8_t info, other;
    uint16_t section;
};
_Static_assert(sizeof(struct symbol) == 16, "Elf32_Sym");

struct file {
    const uint8_t *data;
    uint32_t size;
    struct file_header header;
};

/* Copies a record out of the file, which may be misaligned in it; false: it is not inside. */
static bool take(const struct file *file, uint64_t offset, void *record, uint32_t size)
{
    if (offset > file->size || size > file->size - offset)
        return false;
    memcpy(record, file->data + offset, size);
    return true;
}

static bool take_header(struct file *file, const void *data, uint32_t size)
{
    static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 1 /* 32 bits */, 1 /* little endian */, 1};

    *file = (struct file){.data = data, .size = size};
    return take(file, 0, &file->header, sizeof file->header) &&
           memcmp(file->header.ident, ident, sizeof ident) == 0;
}

static bool take_program_header(const struct file *file, uint32_t index,
                                struct program_header *header)
{
    return take(file, (uint64_t)file->header.program_offset + index * sizeof *header, header,
                sizeof *header);
}

/* A PT_LOAD as whole pages. The bytes before it in its first page come from the file as well. */
static const char *read_segment(uint32_t size, const struct program_header *header, uint32_t low,
                                uint32_t high, struct elf_segment *segment)
{
    uint32_t lead = header->address % PAGE;
    uint64_t end = (uint64_t)header->address + header->memory_size;

    if (header->file_size > header->memory_size)
        return "a segment is larger in the file than in memory";
    if (header->offset > size || header->file_size > size - header->offset)
        return "a segment reaches beyond the end of the file";
    if (header->offset % PAGE != lead)
        return "a segment is not aligned in the file as in memory";
    if (header->address < low || end > high)
        return "a segment lies outside the program's address space";
    segment->address = header->address - lead;
    segment->size = (uint32_t)((end - segment->address + PAGE - 1) / PAGE * PAGE);
    segment->file_offset = header->offset - lead;
    segment->file_size = header->file_size != 0 ? header->file_size + lead : 0;
    segment->writable = (header->flags & SEGMENT_WRITABLE) != 0;
    return NULL;
}

static const char *add_segment(uint32_t size, const struct program_header *header, uint32_t low,
                               uint32_t high, struct elf_program *program)
{
    struct elf_segment *segment = &program->segment[program->segments];

    if (header->memory_size == 0)
        return NULL;
    if (program->segments == ELF_SEGMENTS_MAX)
        return "it has too many segments";
    const char *why = read_segment(size, header, low, high, segment);
    if (why != NULL)
        return why;
    if (program->segments > 0 && segment->address < segment[-1].address + segment[-1].size)
        return "two segments overlap or are out of order";
    program->segments++;
    return NULL;
}

static const char *set_tls(const struct program_header *header, struct elf_program *program)
{
    uint32_t align = header->align != 0 ? header->align : 1;

    if ((align & (align - 1)) != 0 || align > PAGE || header->memory_size > PAGE)
        return "its thread-local storage is too large or badly aligned";
    program->tls_size = header->memory_size;
    program->tls_align = align;
    return NULL;
}

static bool loads(const struct elf_program *program, uint32_t address)
{
    for (uint32_t i = 0; i < program->segments; i++)
        if (address - program->segment[i].address < program->segment[i].size)
            return true;
    return false;
}

/* The program headers are loaded if the part of the file that holds them is. */
static void find_headers(const struct file *file, struct elf_program *program)
{
    uint32_t offset = file->header.program_offset;
    uint32_t size = file->header.program_count * (uint32_t)sizeof(struct program_header);

    for (uint32_t i = 0; i < program->segments; i++) {
        const struct elf_segment *segment = &program->segment[i];
        if (offset >= segment->file_offset && size <= segment->file_size &&
            offset - segment->file_offset <= segment->file_size - size) {
            program->headers = segment->address + (offset - segment->file_offset);
            program->headers_count = file->header.program_count;
            return;
        }
    }
}

const char *elf_read(const struct elf_head *head, uint32_t low, uint32_t high,
                     struct elf_program *program)
{
    struct file file;
    struct program_header header;
    const char *why = NULL;

    memset(program, 0, sizeof *program);
    if (!take_header(&file, head->data, head->have))
        return "it is not a 32-bit ELF file";
    if (file.header.type != TYPE_EXECUTABLE || file.header.machine != MACHINE_386 ||
        file.header.program_entry_size != sizeof header)
        return "it is not an executable for i386 (ET_EXEC)";
    for (uint32_t i = 0; i < file.header.program_count && why == NULL; i++) {
        if (!take_program_header(&file, i, &header))
            return "its program headers are not in the file, or too far from its beginning";
        if (header.type == SEGMENT_LOAD)
            why = add_segment(head->size, &header, low, high, program);
        else if (header.type == SEGMENT_TLS)
            why = set_tls(&header, program);
    }
    if (why != NULL)
        return why;
    program->entry = file.header.entry;
    if (!loads(program, program->entry))
        return "its entry point is not inside a segment";
    find_headers(&file, program);
    return NULL;
}

/* ---- Symbols ---- */

struct symbol_table {
    uint64_t symbols, names; /* offsets in the file */
    uint32_t count, names_size;
};

static bool take_section(const struct file *file, uint32_t index, struct section_header *section)
{
    return index < file->header.section_count &&
           take(file, (uint64_t)file->header.section_offset + index * sizeof *section, section,
                sizeof *section);
}

static bool find_table(const struct file *file, struct symbol_table *table)
{
    struct section_header section, names;

    for (uint32_t i = 0; take_section(file, i, &section); i++) {
        if (section.type != SECTION_SYMBOLS || !take_section(file, section.link, &names))
            continue;
        if (names.offset > file->size || names.size > file->size - names.offset)
            return false;
        *table = (struct symbol_table){.symbols = section.offset,
                                       .names = names.offset,
                                       .count = section.size / (uint32_t)sizeof(struct symbol),
                                       .names_size = names.size};
        return true;
    }
    return false;
}

/* A name that ends inside its table, NULL otherwise. */
static const char *name_of(const struct file *file, const struct symbol_table *table,
                           const struct symbol *symbol)
{
    if (symbol->name >= table->names_size)
        return NULL;
    const char *name = (const char *)file->data + table->names + symbol->name;
    return memchr(name, '\0', table->names_size - symbol->name) != NULL ? name : NULL;
}

static bool covers(const struct symbol *symbol, uint32_t address)
{
    /* assembly functions may have no size: they reach at most a page */
    uint32_t size = symbol->size != 0 ? symbol->size : PAGE;
    return symbol->section != 0 && address - symbol->value < size;
}

bool elf_symbol_at(const void *data, uint32_t size, uint32_t address, struct elf_symbol *found)
{
    struct file file;
    struct symbol_table table;
    struct symbol symbol;

    found->name = NULL;
    if (!take_header(&file, data, size) || !find_table(&file, &table))
        return false;
    for (uint32_t i = 0; i < table.count; i++) {
        if (!take(&file, table.symbols + (uint64_t)i * sizeof symbol, &symbol, sizeof symbol))
            break;
        if ((symbol.info & 15) != SYMBOL_FUNCTION || !covers(&symbol, address))
            continue;
        const char *name = name_of(&file, &table, &symbol);
        if (name != NULL && (found->name == NULL || symbol.value > found->address))
            *found = (struct elf_symbol){.name = name, .address = symbol.value};
    }
    return found->name != NULL;
}
