/* SPDX-License-Identifier: MIT */
/*
 * Runs an Iris program in a 32-bit Linux process, to test start-up and C library without a kernel:
 * loads the program and the object that stands for the vDSO (mock_vdso.c), composes the start
 * block with libc/startup_block.c, lets %gs:0 give the thread pointer, and jumps as START would.
 *
 *   loader VDSO PROGRAM [ARGUMENT...]
 *
 * ENV_ONE=1 and PWD=/sub are its environment. With NO_TLS_ROOM in the loader's own environment the
 * thread block gets no room for thread-local storage.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../libc/elf32.h"
#include "../../../libc/include/iris/startup_block.h"

#define STACK_SIZE (256 * 1024)
#define BLOCK_SIZE 8192

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

static char *load(const struct elf32_header *file, int anywhere)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (int i = 0; i < file->phnum; i++) {
        const struct elf32_program_header *h = &headers(file)[i];
        if (h->type != ELF_PT_LOAD)
            continue;
        low = (h->vaddr & ~4095u) < low ? h->vaddr & ~4095u : low;
        high = h->vaddr + h->memsz > high ? h->vaddr + h->memsz : high;
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
    return memory;
}

/* The arguments and the environment, one string after the other. */
static uint32_t join(char *to, int argc, char **argv)
{
    char *end = to;
    for (int i = 0; i < argc; i++)
        end = stpcpy(end, argv[i]) + 1;
    end = stpcpy(end, "ENV_ONE=1") + 1;
    end = stpcpy(end, "PWD=/sub") + 1;
    return (uint32_t)(end - to);
}

int main(int argc, char **argv)
{
    static char strings[4096];
    static uint32_t utcb[128], thread_pointer;
    if (argc < 3)
        return 2;
    char *vdso = load(read_file(argv[1]), 1);
    const struct elf32_header *file = read_file(argv[2]);
    char *program = load(file, 0);
    char *stack =
        mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct startup_request request = {
        .strings = strings,
        .strings_size = join(strings, argc - 2, argv + 2),
        .argc = (uint32_t)argc - 2,
        .envc = 2,
        .path = argv[2],
        .headers = (uint32_t)program + file->phoff,
        .headers_count = file->phnum,
        .entry = file->entry,
        .vdso = (uint32_t)vdso,
        .utcb = (uint32_t)utcb,
        .pid = 42,
        .stack_low = (uint32_t)stack,
    };
    for (int i = 0; i < file->phnum; i++)
        if (headers(file)[i].type == ELF_PT_TLS && getenv("NO_TLS_ROOM") == NULL) {
            request.tls_size = headers(file)[i].memsz;
            request.tls_align = headers(file)[i].align;
        }
    struct startup_result result;
    uint32_t top = (uint32_t)stack + STACK_SIZE;
    int error = startup_build((char *)top - BLOCK_SIZE, BLOCK_SIZE, top, &request, &result);
    if (error != 0) {
        fprintf(stderr, "startup_build: %d\n", error);
        return 2;
    }
    thread_pointer = result.thread_pointer;
    struct user_desc segment = {.entry_number = -1u,
                                .base_addr = (uint32_t)&thread_pointer,
                                .limit = 0xfffff,
                                .seg_32bit = 1,
                                .limit_in_pages = 1,
                                .useable = 1};
    if (syscall(SYS_set_thread_area, &segment) != 0)
        die("set_thread_area");
    /* From here on this process has no C library of the host any more. */
    __asm__ volatile("movw %w0, %%gs\n\t"
                     "movl %1, %%esp\n\t"
                     "pushl %1\n\t"
                     "pushl $0\n\t"
                     "jmp *%2"
                     :
                     : "r"(segment.entry_number << 3 | 3), "r"(result.stack_pointer),
                       "r"(file->entry));
    __builtin_unreachable();
}
