/* SPDX-License-Identifier: MIT */
/* mmap of files and of anonymous memory, and the heap. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, which POSIX has only since 2024 */
#include "behaviour.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static char *map_anonymous(size_t pages)
{
    return mmap(NULL, pages * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0);
}

/* A file of so many pages, each filled with its letter. */
static int file_of_pages(unsigned pages)
{
    int fd = open("pages", O_CREAT | O_RDWR, 0600);
    char *page = malloc(page_size());

    for (unsigned i = 0; i < pages && page != NULL; i++) {
        memset(page, 'a' + (int)i, page_size());
        if (write(fd, page, page_size()) != (ssize_t)page_size())
            fd = -1;
    }
    free(page);
    return fd;
}

static sigjmp_buf after_fault;

static void leave(int signo) { siglongjmp(after_fault, signo); }

/* Whether touching it sends a signal; which one is told. */
static int fault_of(volatile char *address, bool writing)
{
    struct sigaction action = {.sa_handler = leave}, segv, bus;

    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &segv);
    sigaction(SIGBUS, &action, &bus);
    int signo = sigsetjmp(after_fault, 1);
    if (signo == 0) {
        if (writing)
            *address = 1;
        else
            (void)*address;
    }
    sigaction(SIGSEGV, &segv, NULL);
    sigaction(SIGBUS, &bus, NULL);
    return signo;
}

/* ---- Anonymous ---- */

BEHAVIOUR(anonymous_zero, "XSH mmap: anonymous memory is zero, page-aligned and writable")
{
    char *memory = map_anonymous(2);

    REQUIRE(memory != MAP_FAILED);
    EQUAL((uintptr_t)memory % page_size(), 0);
    for (size_t i = 0; i < 2 * page_size(); i += 512)
        EQUAL(memory[i], 0);
    memory[0] = memory[2 * page_size() - 1] = 'x';
    CHECK(memory[0] == 'x');
    CHECK(munmap(memory, 2 * page_size()) == 0);
}

BEHAVIOUR(anonymous_apart, "XSH mmap: two mappings do not overlap")
{
    char *first = map_anonymous(1), *second = map_anonymous(1);

    REQUIRE(first != MAP_FAILED && second != MAP_FAILED && first != second);
    memset(first, 1, page_size());
    memset(second, 2, page_size());
    CHECK(first[0] == 1 && first[page_size() - 1] == 1);
    CHECK(munmap(first, page_size()) == 0 && second[0] == 2);
    CHECK(munmap(second, page_size()) == 0);
}

BEHAVIOUR(anonymous_large, "XSH mmap: a megabyte, touched here and there")
{
    size_t size = 1 << 20;
    char *memory = map_anonymous(size / page_size());

    REQUIRE(memory != MAP_FAILED);
    for (size_t i = 0; i < size; i += size / 8)
        memory[i] = (char)(i >> 17);
    for (size_t i = 0; i < size; i += size / 8)
        EQUAL(memory[i], (char)(i >> 17));
    CHECK(munmap(memory, size) == 0);
}

BEHAVIOUR(unmapped_faults, "XSH munmap: touching what was unmapped sends SIGSEGV")
{
    char *memory = map_anonymous(1);

    REQUIRE(memory != MAP_FAILED);
    memory[0] = 1;
    CHECK(munmap(memory, page_size()) == 0);
    EQUAL(fault_of(memory, false), SIGSEGV);
}

BEHAVIOUR(unmap_part, "XSH munmap: a part can be unmapped, the rest stays")
{
    char *memory = map_anonymous(3);

    REQUIRE(memory != MAP_FAILED);
    memset(memory, 7, 3 * page_size());
    CHECK(munmap(memory + page_size(), page_size()) == 0);
    CHECK(memory[0] == 7 && memory[2 * page_size()] == 7);
    EQUAL(fault_of(memory + page_size(), false), SIGSEGV);
    CHECK(munmap(memory, page_size()) == 0 && munmap(memory + 2 * page_size(), page_size()) == 0);
}

BEHAVIOUR(unmap_nothing, "XSH munmap: where nothing is mapped it is no error")
{
    char *memory = map_anonymous(1);

    REQUIRE(memory != MAP_FAILED && munmap(memory, page_size()) == 0);
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(map_fixed, "XSH mmap: MAP_FIXED replaces what was mapped there")
{
    char *memory = map_anonymous(2);

    REQUIRE(memory != MAP_FAILED);
    memset(memory, 7, 2 * page_size());
    CHECK(mmap(memory, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
               -1, 0) == memory);
    CHECK(memory[0] == 0 && memory[page_size()] == 7);
    CHECK(munmap(memory, 2 * page_size()) == 0);
}

BEHAVIOUR(read_only, "XSH mmap: writing to memory without PROT_WRITE sends SIGSEGV")
{
    char *memory = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    REQUIRE(memory != MAP_FAILED);
    EQUAL(fault_of(memory, false), 0);
    EQUAL(fault_of(memory, true), SIGSEGV);
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(protect, "XSH mprotect: takes the right to write and gives it back; what was there stays")
{
    char *memory = map_anonymous(1);

    REQUIRE(memory != MAP_FAILED);
    memory[0] = 'x';
    CHECK(mprotect(memory, page_size(), PROT_READ) == 0);
    EQUAL(fault_of(memory, true), SIGSEGV);
    EQUAL(memory[0], 'x');
    CHECK(mprotect(memory, page_size(), PROT_READ | PROT_WRITE) == 0);
    EQUAL(fault_of(memory, true), 0);
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(protect_none, "XSH mprotect: with PROT_NONE nothing can be touched")
{
    char *memory = map_anonymous(2);

    REQUIRE(memory != MAP_FAILED);
    memset(memory, 7, 2 * page_size());
    CHECK(mprotect(memory, page_size(), PROT_NONE) == 0);
    EQUAL(fault_of(memory, false), SIGSEGV);
    EQUAL(memory[page_size()], 7);
    CHECK(munmap(memory, 2 * page_size()) == 0);
}

BEHAVIOUR(protect_nothing, "XSH mprotect: where nothing is mapped it is ENOMEM")
{
    char *memory = map_anonymous(1);

    REQUIRE(memory != MAP_FAILED && munmap(memory, page_size()) == 0);
    FAILS(mprotect(memory, page_size(), PROT_READ), ENOMEM);
}

/* ---- Files ---- */

BEHAVIOUR(file_mapped, "XSH mmap: a file's bytes are the memory's")
{
    int fd = file_of_pages(2);
    char *memory = mmap(NULL, 2 * page_size(), PROT_READ, MAP_PRIVATE, fd, 0);

    REQUIRE(fd >= 0 && memory != MAP_FAILED);
    CHECK(memory[0] == 'a' && memory[page_size() - 1] == 'a' && memory[page_size()] == 'b');
    CHECK(munmap(memory, 2 * page_size()) == 0);
}

BEHAVIOUR(file_offset, "XSH mmap: the mapping begins at the offset")
{
    int fd = file_of_pages(3);
    char *memory = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, fd, (off_t)page_size());

    REQUIRE(fd >= 0 && memory != MAP_FAILED);
    CHECK(memory[0] == 'b' && memory[page_size() - 1] == 'b');
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(file_closed, "XSH mmap: the mapping stays when the descriptor is closed")
{
    int fd = file_of_pages(1);
    char *memory = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, fd, 0);

    REQUIRE(fd >= 0 && memory != MAP_FAILED && close(fd) == 0);
    EQUAL(memory[100], 'a');
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(file_private,
          "XSH mmap: what is written to a MAP_PRIVATE mapping does not reach the file")
{
    char byte = 0;
    int fd = file_of_pages(1);
    char *memory = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

    REQUIRE(fd >= 0 && memory != MAP_FAILED);
    memory[0] = 'X';
    EQUAL(pread(fd, &byte, 1, 0), 1);
    EQUAL(byte, 'a');
    EQUAL(memory[0], 'X');
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(file_private_read_only,
          "XSH mmap: MAP_PRIVATE may be written though the file is open for reading")
{
    REQUIRE(put_file("a", "text"));
    int fd = open("a", O_RDONLY);
    char *memory = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    REQUIRE(memory != MAP_FAILED);
    memory[0] = 'T';
    CHECK(memcmp(memory, "Text", 4) == 0 && file_holds("a", "text"));
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(file_tail, "XSH mmap: beyond the end of the file the last page is zero")
{
    REQUIRE(put_file("a", "text"));
    int fd = open("a", O_RDONLY);
    char *memory = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, fd, 0);
    REQUIRE(memory != MAP_FAILED);
    CHECK(memcmp(memory, "text\0\0\0", 7) == 0);
    EQUAL(memory[page_size() - 1], 0);
    CHECK(munmap(memory, page_size()) == 0);
}

BEHAVIOUR(map_nothing, "XSH mmap: a length of 0 is EINVAL")
{
    errno = 0;
    CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    EQUAL(errno, EINVAL);
}

BEHAVIOUR(map_no_kind, "XSH mmap: neither MAP_SHARED nor MAP_PRIVATE is EINVAL")
{
    errno = 0;
    CHECK(mmap(NULL, page_size(), PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    EQUAL(errno, EINVAL);
}

BEHAVIOUR(map_no_file, "XSH mmap: a descriptor that is not open is EBADF")
{
    errno = 0;
    CHECK(mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, 50, 0) == MAP_FAILED);
    EQUAL(errno, EBADF);
}

BEHAVIOUR(map_write_only, "XSH mmap: a file that is not open for reading is EACCES")
{
    REQUIRE(put_file("a", "text"));
    int fd = open("a", O_WRONLY);
    errno = 0;
    CHECK(mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
    EQUAL(errno, EACCES);
}

BEHAVIOUR(map_shared_written,
          "XSH mmap: what is written through MAP_SHARED is in the file, and the other way")
{
    REQUIRE(put_file("a", "hello"));
    int fd = open("a", O_RDWR);
    char *at = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    REQUIRE(at != MAP_FAILED);
    at[0] = 'J';
    CHECK(file_holds("a", "Jello"));
    EQUAL(pwrite(fd, "y", 1, 4), 1);
    EQUAL(at[4], 'y');
    CHECK(munmap(at, 5) == 0);
}

BEHAVIOUR(map_shared_read_only,
          "XSH mmap: MAP_SHARED and PROT_WRITE of a file open for reading is EACCES")
{
    REQUIRE(put_file("a", "text"));
    int fd = open("a", O_RDONLY);
    errno = 0;
    CHECK(mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    EQUAL(errno, EACCES);
}

BEHAVIOUR(map_pipe, "XSH mmap: a pipe cannot be mapped: ENODEV")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    errno = 0;
    CHECK(mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, ends[0], 0) == MAP_FAILED);
    EQUAL(errno, ENODEV);
}

BEHAVIOUR(map_uneven, "XSH mmap: an offset that is no multiple of the page is EINVAL")
{
    int fd = file_of_pages(2);

    errno = 0;
    CHECK(mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, fd, 100) == MAP_FAILED);
    EQUAL(errno, EINVAL);
}

BEHAVIOUR(map_too_much, "XSH mmap: more than the address space has is ENOMEM")
{
    errno = 0;
    CHECK(mmap(NULL, (size_t)-1 / 4 * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
               0) == MAP_FAILED);
    EQUAL(errno, ENOMEM);
}

/* ---- Heap ---- */

BEHAVIOUR(heap_aligned, "XSH malloc, calloc: aligned for any type; calloc's memory is zero")
{
    char *first = malloc(1), *second = calloc(30, 10);

    REQUIRE(first != NULL && second != NULL);
    EQUAL((uintptr_t)first % sizeof(double), 0);
    for (int i = 0; i < 300; i++)
        EQUAL(second[i], 0);
    free(first);
    free(second);
}

BEHAVIOUR(heap_realloc, "XSH realloc: keeps what was there, and of NULL is malloc")
{
    char *memory = realloc(NULL, 10);

    REQUIRE(memory != NULL);
    strcpy(memory, "contents");
    char *more = realloc(memory, 100000);
    REQUIRE(more != NULL);
    CHECK(strcmp(more, "contents") == 0);
    free(more);
}

BEHAVIOUR(heap_refuses, "XSH malloc, calloc: too much is ENOMEM, also if the product overflows")
{
    volatile size_t huge = (size_t)-1 / 2, half = (size_t)-1 / 2 + 2;

    errno = 0;
    /* cppcheck-suppress leakReturnValNotUsed */
    CHECK(malloc(huge) == NULL && errno == ENOMEM);
    errno = 0;
    /* cppcheck-suppress leakReturnValNotUsed */
    CHECK(calloc(half, 2) == NULL && errno == ENOMEM);
}

BEHAVIOUR(heap_posix_memalign,
          "XSH posix_memalign: as aligned as asked; not a power of two is EINVAL")
{
    void *memory = NULL;

    EQUAL(posix_memalign(&memory, 4096, 100), 0);
    CHECK(memory != NULL && (uintptr_t)memory % 4096 == 0);
    free(memory);
    EQUAL(posix_memalign(&memory, 24, 100), EINVAL);
}
