/* SPDX-License-Identifier: MIT */
/* Programs whose file server lies or is silent: only who starts them is told, or waits. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <iris/calls.h>

#include "../../../libc/elf32.h"
#include "file.h"
#include "kit.h"
#include "names.h"
#include "server.h"
#include "service.h"
#include "t_spawn.h"
#include "thread.h"

#define NAME "files/dev/t_spawn.liar"
#define PATH "/dev/t_spawn.liar"
#define HUGE 0x40000000u /* bytes, more than any child may have */

static struct {
    uint32_t port, portal;
    uint32_t size;     /* what it says of the file */
    uint32_t readable; /* what it lets be read of it */
    uint32_t excess;   /* what it adds to each count */
    enum { ANSWERS, SILENT_STATUS, SILENT_READ } silence;
    volatile uint32_t asked; /* calls that are kept for ever */
} liar;
static uint8_t beginning[4096];

/* ---- The server ---- */

static int keep_silent(struct iris_request *rq)
{
    int reply = iris_request_keep(rq);

    liar.asked++;
    return reply < 0 ? reply : IRIS_DEFER;
}

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     uint32_t mode, struct iris_handle_out *file)
{
    (void)context, (void)rq, (void)path, (void)flags, (void)mode;
    *file = (struct iris_handle_out){liar.portal, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY};
    return 0;
}

static int tell_status(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)context;
    *status = (struct file_status){
        .kind = FILE_KIND_REGULAR, .mode = 0755, .links = 1, .size = liar.size};
    return liar.silence == SILENT_STATUS ? keep_silent(rq) : 0;
}

/* The beginning, then zeroes. */
static int read_at(void *context, struct iris_request *rq, uint64_t offset,
                   struct iris_buffer_ref data, uint32_t *count)
{
    static const uint8_t zeroes[4096];
    uint32_t most = data.length < sizeof zeroes ? data.length : sizeof zeroes;

    (void)context;
    if (liar.silence == SILENT_READ)
        return keep_silent(rq);
    *count = 0;
    if (offset >= liar.readable)
        return 0;
    int done = iris_buffer_write(data, 0, offset == 0 ? beginning : zeroes, most);
    *count = done < 0 ? 0 : (uint32_t)done + liar.excess;
    return done < 0 ? done : 0;
}

static int serve(void *unused)
{
    static const struct file_server operations = {
        .open = open_file, .status = tell_status, .read_at = read_at};
    static const struct iris_service services[] = {FILE_SERVICE(&operations)};
    const struct iris_server server = {.port = liar.port, .services = services, .count = 1};

    (void)unused;
    return iris_server_run(&server);
}

/* ---- What it says, and what comes of it ---- */

/* This program's beginning; its data segment is said to have `size` bytes in the file. */
static void set_beginning(uint32_t size)
{
    int fd = open(SELF, O_RDONLY);
    struct elf32_header *header = (struct elf32_header *)beginning;

    read(fd, beginning, sizeof beginning);
    close(fd);
    struct elf32_program_header *last =
        (struct elf32_program_header *)(beginning + header->phoff) + 3;
    last->filesz = size;
    last->memsz = size;
}

static int start_liar(void)
{
    char self[] = "t_spawn";
    char *const argv[] = {self, NULL};
    pid_t pid;

    return posix_spawn(&pid, PATH, NULL, NULL, argv, environ);
}

static void check_lies(void)
{
    set_beginning(HUGE);
    liar.size = liar.readable = HUGE + 0x100000;
    TEST_EQUAL(start_liar(), ENOMEM, "more than a child may have");
    liar.readable = 4096;
    TEST_EQUAL(start_liar(), ENOEXEC, "a file that has become shorter");
    liar.readable = 0;
    TEST_EQUAL(start_liar(), ENOEXEC, "a file that has become empty");
    liar.readable = liar.size;
    liar.excess = 1;
    TEST_EQUAL(start_liar(), EIO, "counts that cannot be");
    liar.excess = 0x80000000;
    TEST_EQUAL(start_liar(), EIO, "or overflow");
    liar.excess = 0;
    liar.size = 0xffffffff;
    TEST_EQUAL(start_liar(), ENOEXEC, "a size that no file has");
}

/* Whoever starts it waits, and can be ended; nobody else notices. */
static void check_silence(void)
{
    liar.asked = 0;
    pid_t pid = role_start("start", PATH, NULL, NULL);
    TEST_CHECK(kit_wait_word(&liar.asked, 1), "a child asks, and waits");
    TEST_EQUAL(role_run("exit", "7", NULL, NULL), 7, "others start programs meanwhile");
    kill(pid, SIGKILL);
    TEST_EQUAL(role_end(pid), ENDED_BY(SIGKILL), "it can be killed");
}

/* Asking for the status is not given up for a signal: it is asked again (file.idl: idempotent). */
static void check_interruption(void)
{
    liar.asked = 0;
    pid_t pid = role_start("start", PATH, NULL, NULL);
    TEST_CHECK(kit_wait_word(&liar.asked, 1), "a child reads, and waits");
    kill(pid, SIGINT);
    TEST_EQUAL(role_end(pid), EINTR, "a handler interrupts it");
}

void test_liar(void)
{
    struct iris_thread thread;

    liar.port = kit_slot();
    liar.portal = kit_slot();
    iris_port_create(liar.port);
    iris_portal_create(liar.port, liar.portal, 0, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, NAME, liar.portal), 0, "a file system that lies");
    iris_thread_launch(&thread, serve, NULL, NULL);
    check_lies();
    liar.size = HUGE;
    liar.silence = SILENT_STATUS;
    check_silence();
    liar.silence = SILENT_READ;
    check_silence();
    check_interruption();
    iris_object_destroy(liar.port);
    iris_thread_join(&thread, NULL);
    iris_handle_discard(liar.port);
    iris_handle_discard(liar.portal);
}
