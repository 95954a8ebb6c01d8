/* SPDX-License-Identifier: MIT */
/* The part of ELF (System V gABI chapters 4 and 5, i386 psABI, GNU versioning) that start-up needs.
   Own definitions, so that the binder compiles the same for Iris and for a host's unit test. */
#ifndef LIBC_ELF32_H
#define LIBC_ELF32_H

#include <stdint.h>

struct elf32_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf32_program_header {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
enum { ELF_PT_LOAD = 1, ELF_PT_DYNAMIC = 2, ELF_PT_TLS = 7 };

struct elf32_dynamic {
    int32_t tag;
    uint32_t value;
};
enum {
    ELF_DT_NULL = 0,
    ELF_DT_PLTRELSZ = 2,
    ELF_DT_STRTAB = 5,
    ELF_DT_SYMTAB = 6,
    ELF_DT_RELA = 7,
    ELF_DT_REL = 17,
    ELF_DT_RELSZ = 18,
    ELF_DT_PLTREL = 20,
    ELF_DT_JMPREL = 23,
    ELF_DT_GNU_HASH = 0x6ffffef5,
    ELF_DT_VERSYM = 0x6ffffff0,
    ELF_DT_VERDEF = 0x6ffffffc,
    ELF_DT_VERNEED = 0x6ffffffe,
};

struct elf32_symbol {
    uint32_t name, value, size;
    uint8_t info, other;
    uint16_t section;
};
enum { ELF_STB_WEAK = 2, ELF_SHN_UNDEF = 0, ELF_SHN_RESERVED = 0xff00 };

struct elf32_relocation {
    uint32_t offset, info; /* info: symbol << 8 | type */
};
enum {
    ELF_R_386_NONE = 0,
    ELF_R_386_32 = 1,
    ELF_R_386_COPY = 5,
    ELF_R_386_GLOB_DAT = 6,
    ELF_R_386_JMP_SLOT = 7,
    ELF_R_386_RELATIVE = 8,
};

/* Version definitions (of the vDSO) and needs (of the program), linked lists of offsets. */
struct elf32_verdef {
    uint16_t version, flags, index, count;
    uint32_t hash, aux, next; /* aux: struct elf32_verdaux; the first is the version's name */
};
struct elf32_verdaux {
    uint32_t name, next;
};
struct elf32_verneed {
    uint16_t version, count;
    uint32_t file, aux, next; /* aux: struct elf32_vernaux */
};
struct elf32_vernaux {
    uint32_t hash;
    uint16_t flags, other; /* other: the index used in the program's versym */
    uint32_t name, next;
};
enum { ELF_VERSYM_HIDDEN = 0x8000, ELF_VERSYM_INDEX = 0x7fff, ELF_VER_FIRST_NAMED = 2 };

_Static_assert(sizeof(struct elf32_header) == 52, "gABI");
_Static_assert(sizeof(struct elf32_symbol) == 16, "gABI");
_Static_assert(sizeof(struct elf32_verdef) == 20, "LSB 10.7.2");
_Static_assert(sizeof(struct elf32_vernaux) == 16, "LSB 10.7.3");

#endif
