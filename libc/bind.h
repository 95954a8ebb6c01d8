/* SPDX-License-Identifier: MIT */
/* Binding a program to the vDSO: the whole dynamic linker of Iris. */
#ifndef LIBC_BIND_H
#define LIBC_BIND_H

#include <stdint.h>

#include "elf32.h"

/* Why binding failed: the first thing that could not be had. */
struct bind_failure {
    const char *symbol;  /* missing symbol, or 0 */
    const char *version; /* the version asked for, or "" */
    uint32_t relocation; /* its type, when that is what is not supported; else 0 */
    uint32_t count;      /* how many relocations could not be done */
};

/*
 * Performs all relocations of a non-PIC executable (already at its link address) whose dynamic
 * section is given, taking undefined symbols from the shared object whose ELF header lies at
 * `object` (mapped as its program headers say), by name and version. A symbol that is missing is
 * set to `trap`; the rest is bound nevertheless, so that a message can be given.
 * Returns 0, or -1 with *failure filled in.
 */
int bind_program(const struct elf32_dynamic *dynamic, const struct elf32_header *object,
                 uint32_t trap, struct bind_failure *failure);

/* The address of a symbol of the shared object, 0 if there is none. version "" takes the default.
 */
uint32_t bind_symbol(const struct elf32_header *object, const char *name, const char *version);

#endif
