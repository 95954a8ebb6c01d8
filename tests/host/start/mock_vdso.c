/* SPDX-License-Identifier: MIT */
/*
 * Stands for the vDSO and for all servers behind it: iris_ipc answers the messages of the C
 * library by Linux system calls. Freestanding: the process has no other C library any more.
 *
 * The file system: a directory "" with the entries "alpha" (a file: "contents of alpha\n") and
 * "sub" (a directory). Files 0, 1, 2 are terminals.
 */
#include <stdint.h>

#include "file.h"
#include "log.h"
#include "memory.h"
#include "names.h"
#include "process.h"

#define EXPORT __attribute__((visibility("default")))

enum { LINUX_EXIT = 1, LINUX_READ = 3, LINUX_WRITE = 4, LINUX_MMAP = 192, LINUX_CLOCK = 265 };
enum { ROOT = 100, ALPHA = 101, SUB = 102 }; /* objects behind handles */

static const char alpha[] = "contents of alpha\n";

static long host(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static uint32_t host_memory_at(uint32_t address, uint32_t size)
{
    uint32_t result;
    register long flags __asm__("esi") = 0x32, fd __asm__("edi") = -1; /* fixed, anonymous */
    __asm__ volatile("pushl %%ebp; xorl %%ebp, %%ebp; int $0x80; popl %%ebp"
                     : "=a"(result)
                     : "a"(LINUX_MMAP), "b"(address), "c"(size), "d"(3), "r"(flags), "r"(fd)
                     : "memory");
    return result;
}

/* Where the last region ended: below the heap at first. */
static uint32_t *memory_end(void)
{
    uint32_t *end = &iris_utcb()->user[31];
    *end = *end == 0 ? 0x40000000u : *end;
    return end;
}

/* Ascending regions, like the memory service's, each with a page's gap before it. */
static uint32_t host_memory(uint32_t size)
{
    uint32_t at = host_memory_at(*memory_end() + IRIS_PAGE_SIZE, size);
    *memory_end() = at + size;
    return at;
}

/* Where it was asked for; now and then that is taken. False: EEXIST. */
static bool host_memory_here(uint32_t address, uint32_t size)
{
    if (address < *memory_end() || ++iris_utcb()->user[30] % 4 == 0)
        return false;
    *memory_end() = host_memory_at(address, size) + size;
    return true;
}

/* What a handle leads to: slot numbers 16.. are remembered in the UTCB's spare words. */
static uint32_t *objects(void) { return iris_utcb()->user; }

static int same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

static void copy(void *to, const void *from, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        ((volatile char *)to)[i] = ((const char *)from)[i];
}

static void give_handle(struct iris_message *m, uint32_t object)
{
    struct iris_utcb *utcb = iris_utcb();
    objects()[utcb->receive_slots[0] - IRIS_SLOT_FREE] = object;
    utcb->received = 1;
    m->tag = IRIS_TAG_FULL(0, 0, 1, 0);
}

static void fail(struct iris_message *m, unsigned error) { m->tag = IRIS_TAG(error, 0); }

static uint32_t words_status(uint32_t *word, uint32_t kind, uint32_t size)
{
    const uint32_t status[] = {kind, size, kind == FILE_KIND_DIRECTORY ? 0755 : 0644, 0, 86400, 0};
    copy(word, status, sizeof status);
    return 6;
}

static void reply_words(struct iris_message *m, uint32_t count)
{
    m->tag = IRIS_TAG(0, count);
    copy(m->word, iris_utcb()->words, sizeof m->word);
}

static void file_message(uint32_t object, struct iris_message *m)
{
    struct iris_utcb *utcb = iris_utcb();
    struct iris_buffer *buffer = &utcb->buffers[0];
    uint32_t *word = utcb->words;
    char *text = (char *)&word[1];
    copy(word, m->word, sizeof m->word);
    switch (iris_tag_label(m->tag)) {
    case FILE_LABEL_OPEN:
        text[word[0]] = '\0';
        if (object == ROOT && same(text, "alpha"))
            give_handle(m, ALPHA);
        else if (object == ROOT && same(text, "sub"))
            give_handle(m, SUB);
        else if (object == ROOT && same(text, ""))
            give_handle(m, ROOT);
        else
            fail(m, ENOENT);
        break;
    case FILE_LABEL_STATUS:
        if (object == ALPHA)
            words_status(word, FILE_KIND_REGULAR, sizeof alpha - 1);
        else
            words_status(word, object >= ROOT ? FILE_KIND_DIRECTORY : FILE_KIND_TERMINAL, 0);
        reply_words(m, 6);
        break;
    case FILE_LABEL_READ:
        if (object == ALPHA) {
            uint32_t left = word[0] < sizeof alpha - 1 ? sizeof alpha - 1 - word[0] : 0;
            word[0] = buffer->length < left ? buffer->length : left;
            copy((void *)buffer->address, alpha + (sizeof alpha - 1 - left), word[0]);
        } else
            word[0] = (uint32_t)host(LINUX_READ, (long)object, (long)buffer->address,
                                     (long)buffer->length);
        reply_words(m, 1);
        break;
    case FILE_LABEL_WRITE:
        if (object == ALPHA) {
            fail(m, EPERM);
            break;
        }
        word[0] =
            (uint32_t)host(LINUX_WRITE, (long)object, (long)buffer->address, (long)buffer->length);
        reply_words(m, 1);
        break;
    case FILE_LABEL_ENTRY:
        if (object != ROOT || word[0] > 1) {
            fail(m, ENOENT);
            break;
        }
        if (word[0] == 0) {
            copy(&word[1], "alpha\0\0", 8);
            word[0] = 5;
            reply_words(m, 3 + words_status(&word[3], FILE_KIND_REGULAR, sizeof alpha - 1));
        } else {
            copy(&word[1], "sub", 4);
            word[0] = 3;
            reply_words(m, 2 + words_status(&word[2], FILE_KIND_DIRECTORY, 0));
        }
        break;
    default:
        fail(m, ENOSYS);
    }
}

static void process_message(struct iris_message *m)
{
    switch (iris_tag_label(m->tag)) {
    case PROCESS_LABEL_EXIT:
        host(LINUX_EXIT, (long)m->word[0], 0, 0);
        break;
    case PROCESS_LABEL_KILL:
        fail(m, m->word[0] == 7 ? 0 : ENOENT);
        break;
    case PROCESS_LABEL_WAIT: /* each pid stands for a way to end */
        iris_utcb()->words[0] = m->word[0];
        iris_utcb()->words[1] = m->word[0] == 1   ? 5
                                : m->word[0] == 2 ? PROCESS_STATUS_KILLED
                                                  : PROCESS_STATUS_FAULT | 14;
        if (m->word[0] > 3)
            fail(m, ENOENT);
        else
            reply_words(m, 2);
        break;
    case PROCESS_LABEL_SPAWN: { /* prints what it was asked for, escaped zeroes */
        struct iris_buffer *buffer = &iris_utcb()->buffers[0];
        for (uint32_t i = 0; i < buffer->length; i++) {
            const char *c = (const char *)buffer->address + i;
            host(LINUX_WRITE, 1, (long)(*c == '\0' ? "|" : c), 1);
        }
        host(LINUX_WRITE, 1, (long)"\n", 1);
        give_handle(m, 0);
        iris_utcb()->words[0] = m->word[0] = 77;
        m->tag |= 1; /* one word, one handle */
        break;
    }
    default:
        fail(m, ENOSYS);
    }
}

static void memory_message(struct iris_message *m)
{
    switch (iris_tag_label(m->tag)) {
    case MEMORY_LABEL_ALLOCATE:
        iris_utcb()->words[0] = host_memory(m->word[0]);
        reply_words(m, 1);
        break;
    case MEMORY_LABEL_ALLOCATE_AT:
        if (host_memory_here(m->word[0], m->word[1]))
            reply_words(m, 0);
        else
            fail(m, EEXIST);
        break;
    default:
        fail(m, ENOSYS);
    }
}

static void names_message(struct iris_message *m)
{
    if (iris_tag_label(m->tag) == NAMES_LABEL_LOOKUP)
        give_handle(m, ROOT);
    else
        fail(m, ENOSYS);
}

/* Called by iris_ipc; the registers are where the message is. */
__attribute__((used, visibility("hidden"))) void mock_serve(uint32_t handle, struct iris_message *m)
{
    if (m->tag & IRIS_TAG_DEADLINE)
        m->tag = IRIS_TAG_ERROR | IRIS_TAG(ETIMEDOUT, 0);
    else if (handle == IRIS_SLOT_MEMORY)
        memory_message(m);
    else if (handle == IRIS_SLOT_PROCESS)
        process_message(m);
    else if (handle == IRIS_SLOT_NAMES)
        names_message(m);
    else if (handle >= IRIS_SLOT_STDIN && handle <= IRIS_SLOT_STDERR)
        file_message(handle - IRIS_SLOT_STDIN, m);
    else if (handle >= IRIS_SLOT_FREE && handle < IRIS_SLOT_FREE + 31)
        file_message(objects()[handle - IRIS_SLOT_FREE], m);
    else
        m->tag = IRIS_TAG_ERROR | IRIS_TAG(EBADF, 0);
}

/* struct iris_message on the stack: tag, words 0-2, badge. */
__asm__(".globl iris_ipc\n"
        ".type iris_ipc, @function\n"
        "iris_ipc:\n\t"
        "pushl %eax\n\t"
        "pushl %edi\n\t"
        "pushl %esi\n\t"
        "pushl %ebx\n\t"
        "pushl %ebp\n\t"
        "movl %esp, %ecx\n\t"
        "pushl %ecx\n\t"
        "pushl %eax\n\t"
        "call mock_serve\n\t"
        "addl $8, %esp\n\t"
        "popl %ebp\n\t"
        "popl %ebx\n\t"
        "popl %esi\n\t"
        "popl %edi\n\t"
        "popl %eax\n\t"
        "ret\n"
        ".size iris_ipc, . - iris_ipc\n");

EXPORT int iris_handle_close(uint32_t handle)
{
    (void)handle;
    return 0;
}

EXPORT void iris_thread_exit(uint32_t code)
{
    host(LINUX_EXIT, (long)code, 0, 0);
    __builtin_unreachable();
}

EXPORT int iris_thread_switch(uint32_t thread)
{
    (void)thread;
    return 0;
}

EXPORT int iris_word_wait(const void *words, uint32_t count, uint32_t low, uint32_t high)
{
    (void)words, (void)count, (void)low, (void)high;
    return 0;
}

EXPORT int iris_word_wake(const volatile void *address, uint32_t count)
{
    (void)address, (void)count;
    return 0;
}

EXPORT int iris_port_create(uint32_t slot)
{
    (void)slot;
    return 0;
}

EXPORT int iris_portal_create(uint32_t port, uint32_t slot, uint32_t badge, uint32_t rights,
                              uint32_t mask)
{
    (void)port, (void)slot, (void)badge, (void)rights, (void)mask;
    return 0;
}

EXPORT int iris_space_inspect(uint32_t space, uint32_t what, uint32_t cursor, void *buffer,
                              uint32_t count)
{
    (void)space, (void)what, (void)cursor, (void)buffer, (void)count;
    return 0;
}

EXPORT uint64_t iris_clock_monotonic(void) { return 5000000123ull; }

EXPORT uint64_t iris_clock_realtime(void)
{
    return 1600000000000000000ull + iris_clock_monotonic();
}
