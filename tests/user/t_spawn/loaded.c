/* SPDX-License-Identifier: MIT */
/* Programs of any file: copied, changed while they run, damaged, not programs at all. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../libc/elf32.h"
#include "kit.h"
#include "process.h"
#include "slots.h"
#include "t_spawn.h"

#define OTHER "/tmp/t_spawn.other"

/* This program's own file. */
static char *image;
static size_t image_size;

static bool write_file(const char *path, const void *bytes, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool good = fd >= 0 && write(fd, bytes, size) == (ssize_t)size && fchmod(fd, mode) == 0;

    close(fd);
    return good;
}

static bool read_image(void)
{
    struct stat status;
    int fd = open(SELF, O_RDONLY);
    bool good = fd >= 0 && fstat(fd, &status) == 0;

    image_size = good ? (size_t)status.st_size : 0;
    image = malloc(image_size);
    good = image != NULL && read(fd, image, image_size) == (ssize_t)image_size;
    close(fd);
    return good;
}

bool loaded_begin(void) { return read_image() && write_file(LOADED, image, image_size, 0755); }

void loaded_end(void)
{
    unlink(LOADED);
    unlink(SCRIPT);
    unlink(OTHER);
    free(image);
    image = NULL;
}

/* Starts a file with the words `WORD 7`: an error, or how it ended. */
static int run_file(const char *path, const char *word)
{
    char self[] = "t_spawn", argument[] = "7";
    char *const argv[] = {self, (char *)(uintptr_t)word, argument, NULL};
    pid_t pid;
    int error = posix_spawn(&pid, path, NULL, NULL, argv, environ);

    return error != 0 ? -error : role_end(pid);
}

static int run_bytes(const void *bytes, size_t size)
{
    write_file(OTHER, bytes, size, 0700);
    return run_file(OTHER, "quick");
}

/* ---- Programs ---- */

static void check_run(void)
{
    TEST_EQUAL(run_file(LOADED, "quick"), 7, "a copy in /tmp runs");
    chdir("/tmp");
    TEST_EQUAL(run_file("./t_spawn", "quick"), 7, "by a relative path");
    chdir("/");
    TEST_EQUAL(run_file(LOADED, "crash"), ENDED_BY(SIGSEGV), "its text cannot be written");
    chmod(LOADED, 0644);
    TEST_EQUAL(run_file(LOADED, "quick"), -EACCES, "without mode x it does not");
    chmod(LOADED, 0755);
    TEST_EQUAL(run_file("/tmp", "quick"), -EACCES, "nor does a directory");
    TEST_EQUAL(run_file(LOADED "/", "quick"), -ENOTDIR, "nor what is none, as one");
    TEST_EQUAL(run_file("/dev/null", "quick"), -EACCES, "nor a device");
    TEST_EQUAL(run_file("/boot.conf", "quick"), -EACCES, "nor a text of the archive");
    TEST_EQUAL(run_file("/tmp/none", "quick"), -ENOENT, "nor what is not there");
}

static void check_search(void)
{
    char self[] = "t_spawn", word[] = "quick", argument[] = "7";
    char *const argv[] = {self, word, argument, NULL};
    pid_t pid;

    setenv("PATH", "/none:/tmp:/bin", 1);
    write_file(OTHER, image, image_size, 0755);
    TEST_EQUAL(posix_spawnp(&pid, "t_spawn.other", NULL, NULL, argv, environ), 0, "of PATH");
    TEST_EQUAL(role_end(pid), 7, "it runs");
    chmod(OTHER, 0644);
    TEST_EQUAL(posix_spawnp(&pid, "t_spawn.other", NULL, NULL, argv, environ), EACCES,
               "what may not run is told");
    write_file("/tmp/true", "", 0, 0644);
    TEST_EQUAL(posix_spawnp(&pid, "true", NULL, NULL, argv, environ), 0,
               "but hides nothing further on");
    TEST_EQUAL(role_end(pid), 0, "which runs");
    unlink("/tmp/true");
    setenv("PATH", "/bin", 1);
}

/* A child that runs goes on with what was in the file when it started. */
static void check_changed(void)
{
    int ends[2];

    pipe(ends);
    dup2(ends[0], 5);
    close(ends[0]);
    pid_t pid = role_start_of(LOADED, "read", "5");
    TEST_CHECK(pid > 0, "a child that waits");
    memset(image, 0x0b, image_size); /* no code: UD2's second byte over and over */
    TEST_CHECK(write_file(LOADED, image, image_size, 0755), "its file is overwritten");
    TEST_EQUAL(truncate(LOADED, 100), 0, "and cut");
    write(ends[1], "*", 1);
    close(ends[1]);
    close(5);
    TEST_EQUAL(role_end(pid), '*', "it does not mind");
    free(image);
    TEST_CHECK(loaded_begin(), "the file as it was");
}

/* ---- Damaged ones ---- */

static struct elf32_program_header *segment(struct elf32_header *header, int wanted)
{
    struct elf32_program_header *at =
        (struct elf32_program_header *)((char *)header + header->phoff);

    for (int i = 0; i < header->phnum; i++, at++)
        if (at->type == ELF_PT_LOAD && wanted-- == 0)
            return at;
    return NULL;
}

/* One field of a copy made wrong. */
#define DAMAGED(expected, what, ...)                                                               \
    do {                                                                                           \
        char *copy = malloc(image_size);                                                           \
        memcpy(copy, image, image_size);                                                           \
        struct elf32_header *header = (struct elf32_header *)copy;                                 \
        struct elf32_program_header *text = segment(header, 1), *data = segment(header, 3);        \
        (void)text, (void)data;                                                                    \
        __VA_ARGS__;                                                                               \
        TEST_EQUAL(run_bytes(copy, image_size), expected, what);                                   \
        free(copy);                                                                                \
    } while (0)

static void check_damaged(void)
{
    TEST_EQUAL(run_bytes("", 0), -ENOEXEC, "an empty file");
    TEST_EQUAL(run_bytes("hello, world\n", 13), -ENOEXEC, "a text");
    TEST_EQUAL(run_bytes(image, 20), -ENOEXEC, "half a header");
    TEST_EQUAL(run_bytes(image, 60), -ENOEXEC, "a header without segments");
    TEST_EQUAL(run_bytes(image, 5000), -ENOEXEC, "segments that the file does not reach");
    DAMAGED(7, "as it is", );
    DAMAGED(-ENOEXEC, "another processor's", header->machine = 62);
    DAMAGED(-ENOEXEC, "headers out of reach", header->phoff = 0x7ffffff0);
    DAMAGED(-ENOEXEC, "the kernel's memory", data->vaddr = 0xffc00000);
    DAMAGED(-ENOEXEC, "below where programs are", text->vaddr = 0x1000);
    DAMAGED(-ENOEXEC, "contents beyond 4 GiB", data->offset = 0xfffff000);
    DAMAGED(-ENOEXEC, "too large for its place", data->memsz = 0xfffff000);
    DAMAGED(-ENOEXEC, "an entry nowhere", header->entry = 0x80000000);
    DAMAGED(-ENOEXEC, "two at one place", text->vaddr = data->vaddr - data->vaddr % 4096);
    DAMAGED(ENDED_BY(SIGSEGV), "an entry into data that is zero",
            header->entry = data->vaddr + data->memsz - 4);
}

/* ---- Scripts ---- */

static int run_script(const char *text)
{
    write_file(SCRIPT, text, strlen(text), 0755);
    return run_file(SCRIPT, "quick");
}

static void check_scripts(void)
{
    char line[400] = "#!";

    TEST_EQUAL(run_script("#!/bin/t_spawn script\nanything\n"), 1 + 2 + 4,
               "an interpreter's argument, the script's path, its arguments");
    TEST_EQUAL(run_script("#! \t/tmp/t_spawn  script \t\r\n"), 1 + 2 + 4, "blanks do not matter");
    TEST_EQUAL(run_script("#!/bin/t_spawn script"), 1 + 2 + 4, "nor does the last line's end");
    TEST_EQUAL(run_script("#!/bin/t_spawn\n"), 8, "no argument");
    TEST_EQUAL(run_script("#!/bin/sh\nexit 9\n"), 9, "sh is the shell");
    TEST_EQUAL(run_script("#!/none\n"), -ENOENT, "no interpreter");
    TEST_EQUAL(run_script("#!/tmp\n"), -EACCES, "a directory");
    TEST_EQUAL(run_script("#! \n"), -ENOEXEC, "no name of one");
    TEST_EQUAL(run_script("#!" SCRIPT "\n"), -ENOEXEC, "a script is none");
    memset(line + 2, 'x', sizeof line - 3);
    TEST_EQUAL(run_script(line), -ENOEXEC, "a line that does not end");
}

/* ---- The steps, without the C library ---- */

static uint32_t made(uint32_t *pid)
{
    uint32_t control = 0;

    TEST_EQUAL(process_spawn_loaded(IRIS_SLOT_PROCESS, "loaded", image_size, image,
                                    PROCESS_HEAD_BYTES, pid, &control),
               0, "a child whose contents are to come");
    return control;
}

static int load_all(uint32_t control)
{
    uint32_t offset = 0, left = 0;
    int status = process_control_load(control, image, 0, &offset, &left);

    while (status == 0 && left > 0)
        status = process_control_load(control, image + offset, left < 3000 ? left : 3000, &offset,
                                      &left);
    return status;
}

static void check_steps(void)
{
    struct start_terms terms = {.flags = 0};
    uint32_t pid, offset = 0, left = 0, control = made(&pid);
    int status = 0;

    TEST_EQUAL(process_control_start(control, 0, 0, "", 0, &terms), -ENOEXEC, "not yet");
    TEST_EQUAL(process_control_load(control, image, 0, &offset, &left), 0, "it asks");
    TEST_EQUAL(process_control_load(control, image, left + 1, &offset, &left), -EINVAL,
               "more than it asks for");
    TEST_EQUAL(process_control_load(control, image, PROCESS_CONTROL_LOAD_BYTES + 1, &offset, &left),
               -E2BIG, "more than fits");
    TEST_EQUAL(load_all(control), 0, "in any pieces");
    TEST_EQUAL(process_control_load(control, image, 1, &offset, &left), -EINVAL, "it is complete");
    TEST_EQUAL(process_control_start(control, 3, 0,
                                     "t\0quick\0"
                                     "5",
                                     10, &terms),
               0, "it starts");
    TEST_EQUAL(process_control_load(control, image, 0, &offset, &left), -EBUSY, "as it stands");
    waitpid((pid_t)pid, &status, 0);
    TEST_EQUAL(WEXITSTATUS(status), 5, "and runs");
    iris_handle_discard(control);
    control = made(&pid);
    TEST_EQUAL(process_control_kill(control), 0, "killed before it is complete");
    TEST_EQUAL(process_control_load(control, image, 0, &offset, &left), -EDEAD, "it is gone");
    iris_handle_discard(control);
}

static void check_misuse(void)
{
    uint32_t pid, control, offset, left;

    TEST_EQUAL(process_spawn_loaded(IRIS_SLOT_PROCESS, "x", image_size, image, 100, &pid, &control),
               -EINVAL, "less than the beginning");
    TEST_EQUAL(process_spawn_loaded(IRIS_SLOT_PROCESS, "x", 100, image, 200, &pid, &control),
               -EINVAL, "more than there is");
    TEST_EQUAL(process_spawn_loaded(IRIS_SLOT_PROCESS, "x", 0, image, 0, &pid, &control), -ENOEXEC,
               "nothing");
    TEST_EQUAL(process_spawn_loaded(IRIS_SLOT_PROCESS, "x", UINT32_MAX, (void *)0xfffff000u,
                                    PROCESS_HEAD_BYTES, &pid, &control),
               -EFAULT, "the kernel's memory");
    TEST_EQUAL(process_spawn(IRIS_SLOT_PROCESS, "bin/true", &pid, &control), 0,
               "one of the archive");
    TEST_EQUAL(process_control_load(control, image, 0, &offset, &left), -EINVAL,
               "has all its contents");
    iris_handle_discard(control);
}

void test_loaded(void)
{
    TEST_CHECK(loaded_begin(), "a copy of this program");
    check_run();
    check_search();
    check_changed();
    check_damaged();
    check_scripts();
    check_steps();
    check_misuse();
    loaded_end();
}
