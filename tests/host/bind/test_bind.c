/* SPDX-License-Identifier: MIT */
/*
 * Runs libc/bind.c on the host (32-bit): maps a shared object and a program as a kernel
 * and a loader would, binds, and calls the program's entry.
 *
 *   test_bind bind OBJECT PROGRAM      prints "entry N", or "missing SYMBOL@VERSION count=N",
 *                                      or "relocation TYPE SYMBOL count=N"
 *   test_bind symbol OBJECT NAME VERSION   prints "found N" (the result of calling it) or "none"
 *
 * tests/tools/test_libc_bind.py builds the samples and checks what it prints.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../libc/bind.h"

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static const struct elf32_program_header *headers(const struct elf32_header *file)
{
    return (const void *)((const char *)file + file->phoff);
}

static const struct elf32_header *read_file(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &status) != 0)
        die(path);
    void *file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file == MAP_FAILED)
        die("mmap");
    close(fd);
    return file;
}

/* Lays the segments out in memory. bias 0: where they are linked; else somewhere free. */
static char *load(const struct elf32_header *file, int anywhere, int writable)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (int i = 0; i < file->phnum; i++) {
        const struct elf32_program_header *h = &headers(file)[i];
        if (h->type != ELF_PT_LOAD)
            continue;
        if (h->vaddr < low)
            low = h->vaddr & ~4095u;
        if (h->vaddr + h->memsz > high)
            high = h->vaddr + h->memsz;
    }
    char *memory =
        mmap(anywhere ? NULL : (void *)low, high - low, PROT_READ | PROT_WRITE | PROT_EXEC,
             MAP_PRIVATE | MAP_ANONYMOUS | (anywhere ? 0 : MAP_FIXED_NOREPLACE), -1, 0);
    if (memory == MAP_FAILED)
        die("mmap of the image");
    for (int i = 0; i < file->phnum; i++) {
        const struct elf32_program_header *h = &headers(file)[i];
        if (h->type == ELF_PT_LOAD)
            memcpy(memory + (h->vaddr - low), (const char *)file + h->offset, h->filesz);
    }
    if (!writable)
        mprotect(memory, high - low, PROT_READ | PROT_EXEC);
    return memory;
}

static const struct elf32_dynamic *dynamic_section(const struct elf32_header *file)
{
    for (int i = 0; i < file->phnum; i++)
        if (headers(file)[i].type == ELF_PT_DYNAMIC)
            return (const void *)(uintptr_t)headers(file)[i].vaddr;
    fprintf(stderr, "no dynamic section\n");
    exit(2);
}

static int trap_called(void) { return -7; }

static int run_bind(const char *object_path, const char *program_path)
{
    const struct elf32_header *object = (const void *)load(read_file(object_path), 1, 0);
    const struct elf32_header *program = read_file(program_path);
    load(program, 0, 1);
    struct bind_failure failure;
    if (bind_program(dynamic_section(program), object, (uint32_t)(uintptr_t)trap_called,
                     &failure) == 0)
        printf("entry %d\n", ((int (*)(void))(uintptr_t)program->entry)());
    else if (failure.relocation != 0)
        printf("relocation %u %s count=%u\n", failure.relocation, failure.symbol, failure.count);
    else {
        printf("missing %s@%s count=%u\n", failure.symbol, failure.version, failure.count);
        printf("entry %d\n", ((int (*)(void))(uintptr_t)program->entry)());
    }
    return 0;
}

static int run_symbol(const char *object_path, const char *name, const char *version)
{
    const struct elf32_header *object = (const void *)load(read_file(object_path), 1, 0);
    uint32_t address = bind_symbol(object, name, version);
    if (address == 0)
        printf("none\n");
    else
        printf("found %d\n", ((int (*)(int))(uintptr_t)address)(0));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "bind") == 0)
        return run_bind(argv[2], argv[3]);
    if (argc == 5 && strcmp(argv[1], "symbol") == 0)
        return run_symbol(argv[2], argv[3], argv[4]);
    fprintf(stderr, "usage: test_bind bind OBJECT PROGRAM | symbol OBJECT NAME VERSION\n");
    return 2;
}
