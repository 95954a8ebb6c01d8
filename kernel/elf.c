/* SPDX-License-Identifier: MIT */
#include "elf.h"

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

#define ET_EXEC 2
#define EM_386 3
#define PT_LOAD 1
#define PF_W 2

static const struct program_header *program_header(const struct elf_image *elf, unsigned i)
{
    return (const void *)(elf->bytes + elf->table + i * elf->entry_size);
}

static bool segment_is_sound(const struct elf_image *elf, const struct program_header *p)
{
    return p->filesz <= p->memsz && p->offset <= elf->size && p->filesz <= elf->size - p->offset &&
           p->vaddr >= PAGE_SIZE && p->vaddr < IRIS_WINDOW && p->memsz <= IRIS_WINDOW - p->vaddr;
}

const char *elf_open(struct elf_image *elf, const char *bytes, uint32_t size)
{
    const struct elf_header *header = (const void *)bytes;
    bool entry_found = false;

    if (size < sizeof(*header) || memcmp(header->ident, "\177ELF\1\1\1", 7) != 0)
        return "not a 32-bit ELF file";
    if (header->type != ET_EXEC || header->machine != EM_386)
        return "not an executable for i386";
    if (header->phentsize < sizeof(struct program_header) || header->phentsize % 4 ||
        header->phoff % 4 || header->phoff > size ||
        (uint32_t)header->phnum * header->phentsize > size - header->phoff)
        return "its program headers are not in the file";
    *elf = (struct elf_image){bytes,         size,          header->entry,
                              header->phoff, header->phnum, header->phentsize};
    for (unsigned i = 0; i < elf->count; i++) {
        const struct program_header *p = program_header(elf, i);
        if (p->type != PT_LOAD)
            continue;
        if (!segment_is_sound(elf, p))
            return "a segment is not in the file or not in user space";
        entry_found |= elf->entry >= p->vaddr && elf->entry - p->vaddr < p->filesz;
    }
    return entry_found ? NULL : "its entry point is in no segment";
}

bool elf_segment(const struct elf_image *elf, unsigned i, struct elf_segment *segment)
{
    for (unsigned n = 0; n < elf->count; n++) {
        const struct program_header *p = program_header(elf, n);
        if (p->type != PT_LOAD || i-- > 0)
            continue;
        *segment = (struct elf_segment){p->offset, p->vaddr, p->filesz, p->memsz, p->flags & PF_W};
        return true;
    }
    return false;
}
