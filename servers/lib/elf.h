/* SPDX-License-Identifier: MIT */
/*
 * Reading ELF32 programs: what a loader needs of one, and symbols by address for fault reports.
 *
 * Files come from outside and are never trusted: every offset, size and address is checked here,
 * so that whoever loads a program can use what elf_read returned without a second look. Portable:
 * tests/host compiles it for the host and feeds it mutated files.
 */
#ifndef IRIS_LIB_ELF_H
#define IRIS_LIB_ELF_H

#include <stdbool.h>
#include <stdint.h>

#define ELF_SEGMENTS_MAX 8

/* A part of memory to be made from the file; all but file_size in whole pages. */
struct elf_segment {
    uint32_t address;
    uint32_t size;
    uint32_t file_offset; /* where its first page begins in the file */
    uint32_t file_size;   /* bytes that come from the file; the rest is zero */
    bool writable;
};

struct elf_program {
    uint32_t entry;
    struct elf_segment segment[ELF_SEGMENTS_MAX]; /* ascending, no page in two of them */
    uint32_t segments;
    uint32_t headers; /* address of the program headers once loaded; 0: not loaded */
    uint32_t headers_count;
    uint32_t tls_size, tls_align; /* of PT_TLS; 0: none */
};

/* A file's beginning, which must hold its headers, and how large it is. */
struct elf_head {
    const void *data;
    uint32_t have, size; /* bytes at `data`; bytes of the file */
};

/*
 * Reads the headers of a program that may lie in [low, high). Returns NULL, or a few words that
 * say what is wrong with it.
 */
const char *elf_read(const struct elf_head *head, uint32_t low, uint32_t high,
                     struct elf_program *program);

struct elf_symbol {
    const char *name; /* inside the file */
    uint32_t address;
};

/* The function that contains an address, by the file's symbol table; false: none is known. */
bool elf_symbol_at(const void *data, uint32_t size, uint32_t address, struct elf_symbol *found);

#endif
