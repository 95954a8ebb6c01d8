/* SPDX-License-Identifier: MIT */
/* Clients that speak the interface without the C library, and badly. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <iris/object.h>

#include "file.h"
#include "kit.h"
#include "names.h"
#include "stub.h"
#include "t_files.h"

static uint32_t tmp; /* portal */

static void check_paths(void)
{
    char path[300];
    uint32_t file;

    TEST_EQUAL(file_open(tmp, "../../boot.conf", FILE_OPEN_READ, 0, &file), -ENOENT,
               "no way out of a file system");
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    TEST_EQUAL(file_open(tmp, path, FILE_OPEN_READ, 0, &file), -EINVAL, "too long for a message");
    path[150] = '\0';
    TEST_EQUAL(file_open(tmp, path, FILE_OPEN_CREATE, 0, &file), -ENAMETOOLONG, "for a name");
    TEST_EQUAL(file_open(tmp, "///", 0, 0, &file), 0, "slashes alone are the root");
    TEST_EQUAL(file_remove(file, "", true), -EBUSY, "which stays");
    TEST_EQUAL(file_remove(file, ".", true), -EINVAL, "by any name");
    TEST_EQUAL(file_rename(tmp, "x", "y", IRIS_SLOT_LOG), -EXDEV, "into a log");
    TEST_EQUAL(file_make_directory(file, "..", 0700), -EINVAL, "what no name may be");
    uint32_t next;
    char name[FILE_MAX_NAME + 1];
    struct file_status status;
    TEST_EQUAL(file_entry(file, UINT32_MAX, &next, name, &status), -ENOENT, "a wild cursor");
    iris_handle_discard(file);
    TEST_EQUAL(file_status(file, &status), -EBADF, "a handle that is closed");
    TEST_EQUAL(file_status(4000, &status), -EBADF, "a handle that never was");
}

/* A read or write of memory that is not there, without a second try. */
static int raw(uint32_t file, uint32_t label, const void *memory, uint32_t length, uint32_t access)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(label, 1, 0, 1), .word = {length}};
    iris_put_buffer(0, memory, length, access);
    int status = iris_ipc_call(file, &m);
    return status < 0 ? status : -(int)iris_tag_label(m.tag);
}

static void check_buffers(void)
{
    uint32_t file;
    struct file_status status;
    char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    file_open(tmp, "buffers", FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, 0600, &file);
    memory[0] = 1;
    munmap(memory + 4096, 4096);
    TEST_EQUAL(raw(file, FILE_LABEL_WRITE, memory, 8192, IRIS_BUFFER_READ), -EFAULT,
               "a buffer whose second half has vanished");
    TEST_CHECK(file_status(file, &status) == 0 && status.size == 0, "nothing was written");
    TEST_EQUAL(raw(file, FILE_LABEL_WRITE, (void *)0xfffff000u, 8192, IRIS_BUFFER_READ), -EFAULT,
               "a buffer of the kernel's");
    TEST_EQUAL(raw(file, FILE_LABEL_WRITE, memory, 100, IRIS_BUFFER_READ), 0, "a good one");
    TEST_EQUAL(raw(file, FILE_LABEL_READ, memory + 4096, 100, IRIS_BUFFER_WRITE), -EFAULT,
               "reading to where nothing is");
    TEST_CHECK(raw(file, FILE_LABEL_READ, memory, 100, IRIS_BUFFER_READ) != 0,
               "reading into a buffer that must not be written");
    struct iris_message m = {.tag = IRIS_TAG_FULL(FILE_LABEL_WRITE, 1, 0, 1),
                             .word = {4000000000u}};
    iris_put_buffer(0, memory, 100, IRIS_BUFFER_READ);
    TEST_CHECK(iris_ipc_call(file, &m) < 0 || iris_tag_label(m.tag) != 0,
               "a length that is not the buffer's");
    munmap(memory, 4096);
    iris_handle_discard(file);
    file_remove(tmp, "buffers", false);
}

/* As many as there can be, by one client; then everything is as before. */
static void check_too_many(void)
{
    static uint32_t files[5000];
    int count = 0, status = 0;

    while (count < 5000 && (status = file_open(tmp, "", FILE_OPEN_READ, 0, &files[count])) == 0)
        count++;
    TEST_CHECK(status == -ENFILE || status == -ENOMEM, "open files end with an error: %d after %d",
               status, count);
    TEST_CHECK(count >= 300, "not too soon");
    for (int i = 0; i < count; i++)
        iris_handle_discard(files[i]);
    uint32_t file = 0;
    TEST_EQUAL(file_open(tmp, "", FILE_OPEN_READ, 0, &file), 0, "all is well afterwards");
    iris_handle_discard(file);
    int fd = 0, last = 0, opened = 0;
    while ((fd = open("/dev/null", O_RDONLY)) >= 0 && opened < 2000) {
        opened++;
        last = fd;
    }
    TEST_CHECK(fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM),
               "a process's files end: %d, error %d", opened, errno);
    for (; last > 2; last--)
        close(last);
}

void check_attacks(void)
{
    if (!TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, "files/tmp", &tmp), 0, "/tmp's own portal"))
        return;
    check_paths();
    check_buffers();
    check_too_many();
    iris_handle_discard(tmp);
}
