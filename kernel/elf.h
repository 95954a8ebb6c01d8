/* SPDX-License-Identifier: MIT */
/* Just enough of ELF to start the first program (System V ABI, chapters 4 and 5). */
#ifndef ELF_H
#define ELF_H

#include "kernel.h"

struct elf_image {
    const char *bytes;
    uint32_t size, entry, table;
    unsigned count, entry_size;
};

struct elf_segment {
    uint32_t offset, address, file_size, memory_size;
    bool writable;
};

/* NULL: sound; else what is wrong. All numbers in the file are checked against its size. */
const char *elf_open(struct elf_image *elf, const char *bytes, uint32_t size);
/* The i-th loadable segment; false past the last. */
bool elf_segment(const struct elf_image *elf, unsigned i, struct elf_segment *segment);

#endif
