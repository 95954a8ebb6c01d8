/* SPDX-License-Identifier: MIT */
/*
 * Stands for the vDSO and for all servers behind it: iris_ipc answers the messages of the C
 * library by Linux system calls. Freestanding: the process has no other C library any more.
 *
 * The file system: a directory "" with the entries "alpha" (a file: "contents of alpha\n") and
 * "sub" (a directory). Files 0, 1, 2 are terminals.
 */
#include <signal.h>
#include <stdint.h>

#include "file.h"
#include "log.h"
#include "memory.h"
#include "names.h"
#include "process.h"

#define EXPORT __attribute__((visibility("default")))

enum { LINUX_EXIT = 1, LINUX_READ = 3, LINUX_WRITE = 4, LINUX_MMAP = 192, LINUX_CLOCK = 265 };
enum { ENOTDIR = 20, EROFS = 30 }; /* newlib's, which the kernel's list has not */
enum { ROOT = 100, ALPHA = 101, SUB = 102, CHILD = 103 }; /* objects behind handles */

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
    const uint32_t status[] = {
        kind, kind == FILE_KIND_DIRECTORY ? 0755 : 0644, 1, 1, 1, size, 0, 0, 0, 0, 0, 0, 0};
    copy(word, status, sizeof status);
    return sizeof status / sizeof status[0];
}

static void reply_words(struct iris_message *m, uint32_t count)
{
    m->tag = IRIS_TAG(0, count);
    copy(m->word, iris_utcb()->words, sizeof m->word);
}

/* Alpha's position, shared by all who have it open: the tests open it once at a time. */
static uint32_t *position(void) { return &iris_utcb()->user[29]; }

static uint32_t alpha_open(const char *path, uint32_t flags, uint32_t *error)
{
    bool wants_directory = flags & FILE_OPEN_DIRECTORY;
    *error = ENOENT;
    if (same(path, "sub"))
        return SUB;
    if (same(path, ""))
        return ROOT;
    if (flags & FILE_OPEN_CREATE)
        *error = EROFS;
    if (!same(path, "alpha"))
        return 0;
    *error = ENOTDIR;
    *position() = 0;
    return wants_directory ? 0 : ALPHA;
}

static void open_message(uint32_t object, struct iris_message *m)
{
    uint32_t *word = iris_utcb()->words, error;
    char path[FILE_MAX_PATH + 1];
    copy(path, &word[1], word[0]);
    path[word[0]] = '\0';
    uint32_t found = alpha_open(path, word[1 + (word[0] + 3) / 4], &error);
    if (object == ROOT && found != 0)
        give_handle(m, found);
    else
        fail(m, error);
}

static void alpha_seek(const uint32_t *word, struct iris_message *m)
{
    uint32_t base = word[2] == FILE_SEEK_CURRENT ? *position()
                    : word[2] == FILE_SEEK_END   ? sizeof alpha - 1
                                                 : 0;
    *position() = base + word[0];
    iris_utcb()->words[0] = *position();
    iris_utcb()->words[1] = 0;
    reply_words(m, 2);
}

static void read_message(uint32_t object, const struct iris_buffer *buffer, struct iris_message *m)
{
    uint32_t *word = iris_utcb()->words;
    if (object == ALPHA) {
        uint32_t left = *position() < sizeof alpha - 1 ? sizeof alpha - 1 - *position() : 0;
        word[0] = buffer->length < left ? buffer->length : left;
        copy((void *)buffer->address, alpha + (sizeof alpha - 1 - left), word[0]);
        *position() += word[0];
    } else
        word[0] =
            (uint32_t)host(LINUX_READ, (long)object, (long)buffer->address, (long)buffer->length);
    reply_words(m, 1);
}

static void write_message(uint32_t object, const struct iris_buffer *buffer, struct iris_message *m)
{
    if (object == ALPHA) {
        fail(m, ENOSYS);
        return;
    }
    iris_utcb()->words[0] =
        (uint32_t)host(LINUX_WRITE, (long)object, (long)buffer->address, (long)buffer->length);
    reply_words(m, 1);
}

static void entry_message(uint32_t object, struct iris_message *m)
{
    uint32_t *word = iris_utcb()->words, cursor = word[0];
    if (object != ROOT || cursor > 1) {
        fail(m, ENOENT);
        return;
    }
    word[0] = cursor + 1;
    word[1] = cursor == 0 ? 5 : 3;
    copy(&word[2], cursor == 0 ? "alpha\0\0" : "sub", cursor == 0 ? 8 : 4);
    uint32_t *status = &word[cursor == 0 ? 4 : 3];
    uint32_t count = words_status(status, cursor == 0 ? FILE_KIND_REGULAR : FILE_KIND_DIRECTORY,
                                  cursor == 0 ? sizeof alpha - 1 : 0);
    reply_words(m, (uint32_t)(status - word) + count);
}

static void status_message(uint32_t object, struct iris_message *m)
{
    uint32_t *word = iris_utcb()->words;
    if (object == ALPHA)
        reply_words(m, words_status(word, FILE_KIND_REGULAR, sizeof alpha - 1));
    else
        reply_words(
            m, words_status(word, object >= ROOT ? FILE_KIND_DIRECTORY : FILE_KIND_TERMINAL, 0));
}

static void file_message(uint32_t object, struct iris_message *m)
{
    const struct iris_buffer *buffer = &iris_utcb()->buffers[0];
    uint32_t *word = iris_utcb()->words;
    copy(word, m->word, sizeof m->word);
    switch (iris_tag_label(m->tag)) {
    case FILE_LABEL_OPEN:
        open_message(object, m);
        break;
    case FILE_LABEL_STATUS:
        status_message(object, m);
        break;
    case FILE_LABEL_READ:
        read_message(object, buffer, m);
        break;
    case FILE_LABEL_WRITE:
        write_message(object, buffer, m);
        break;
    case FILE_LABEL_SEEK:
        if (object == ALPHA)
            alpha_seek(word, m);
        else
            fail(m, ENOSYS);
        break;
    case FILE_LABEL_ENTRY:
        entry_message(object, m);
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
    case PROCESS_LABEL_SIGNAL: /* which, id, signal, note; SIGABRT is sent to oneself */
        if (m->word[2] == SIGABRT)
            host(LINUX_EXIT, 128 + SIGABRT, 0, 0);
        fail(m, m->word[1] == 7 ? 0 : ENOENT);
        break;
    case PROCESS_LABEL_WAIT: /* which, id: each pid stands for a way to end */
        iris_utcb()->words[0] = m->word[1];
        iris_utcb()->words[1] = m->word[1] == 1 ? 5 << 8 : m->word[1] == 2 ? SIGKILL : SIGSEGV;
        if (m->word[1] > 3)
            fail(m, ENOENT);
        else
            reply_words(m, 2);
        break;
    case PROCESS_LABEL_SPAWN:
        give_handle(m, CHILD);
        iris_utcb()->words[0] = m->word[0] = 77;
        m->tag |= 1; /* one word, one handle */
        break;
    default:
        fail(m, ENOSYS);
    }
}

/* Prints what it was asked for, escaped zeroes. */
static void child_message(struct iris_message *m)
{
    struct iris_buffer *buffer = &iris_utcb()->buffers[0];
    if (iris_tag_label(m->tag) == PROCESS_CONTROL_LABEL_START) {
        for (uint32_t i = 0; i < buffer->length; i++) {
            const char *c = (const char *)buffer->address + i;
            host(LINUX_WRITE, 1, (long)(*c == '\0' ? "|" : c), 1);
        }
        host(LINUX_WRITE, 1, (long)"\n", 1);
    }
    reply_words(m, 0);
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

/* The one name there is: "files". */
static void names_message(struct iris_message *m)
{
    if (iris_tag_label(m->tag) != NAMES_LABEL_RESOLVE) {
        fail(m, iris_tag_label(m->tag) == NAMES_LABEL_CHILD ? ENOENT : ENOSYS);
        return;
    }
    give_handle(m, ROOT);
    iris_utcb()->words[0] = m->word[0] = 5;
    m->tag |= 1; /* one word, one handle */
}

static void object_message(uint32_t object, struct iris_message *m)
{
    if (object == CHILD)
        child_message(m);
    else
        file_message(object, m);
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
        object_message(objects()[handle - IRIS_SLOT_FREE], m);
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
    (void)words, (void)count;
    return (low & high) == UINT32_MAX ? 0 : -ETIMEDOUT; /* nobody wakes: time passes at once */
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
