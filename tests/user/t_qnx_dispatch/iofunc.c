/* SPDX-License-Identifier: MIT */
/* What iofunc keeps of a file: mode, times, counts, offset, lock. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t_qnx_dispatch.h"

static iofunc_attr_t attr;
static resmgr_context_t ctp;

static void check_attributes(void)
{
    iofunc_mount_t mount = {.dev = 7};
    iofunc_attr_t parent, child;
    struct stat status;

    iofunc_attr_init(&parent, S_IFDIR | 0755, NULL, NULL);
    parent.mount = &mount;
    iofunc_attr_init(&child, S_IFREG | 0640, &parent, NULL);
    TEST_CHECK(child.mount == &mount && child.inode != parent.inode && child.nlink == 1,
               "a file is where its parent is, with a number of its own");
    child.nbytes = 123;
    child.rdev = 9;
    TEST_EQUAL(iofunc_stat(&ctp, &child, &status), EOK, "iofunc_stat");
    TEST_CHECK(status.st_mode == (S_IFREG | 0640) && status.st_size == 123 && status.st_dev == 7 &&
                   status.st_rdev == 9 && status.st_ino == child.inode && status.st_nlink == 1,
               "tells all of it");
    child.atime = child.mtime = child.ctime = 1;
    child.flags = IOFUNC_ATTR_MTIME | IOFUNC_ATTR_DIRTY_TIME;
    iofunc_stat(&ctp, &child, &status);
    TEST_CHECK(status.st_mtime > 1 && status.st_atime == 1 && status.st_ctime == 1,
               "and sets just the times that were asked for");
    TEST_EQUAL(child.flags, 0, "once");
}

static void check_access(void)
{
    io_open_t open = {.connect = {.ioflag = _IO_FLAG_RD | _IO_FLAG_WR}};

    iofunc_attr_init(&attr, S_IFCHR | 0400, NULL, NULL);
    TEST_EQUAL(iofunc_check_access(&ctp, &attr, S_IRUSR, NULL), EOK, "a file to be read");
    TEST_EQUAL(iofunc_check_access(&ctp, &attr, S_IWUSR, NULL), EACCES, "but not written");
    TEST_EQUAL(iofunc_open(&ctp, &open, &attr, NULL, NULL), EACCES, "is not opened for both");
    open.connect.ioflag = _IO_FLAG_RD;
    TEST_EQUAL(iofunc_open(&ctp, &open, &attr, NULL, NULL), EOK, "only for that");
    open.connect.ioflag |= O_CREAT | O_EXCL;
    TEST_EQUAL(iofunc_open(&ctp, &open, &attr, NULL, NULL), EEXIST, "nor created");
}

static void check_opened(void)
{
    iofunc_ocb_t *ocb = iofunc_ocb_calloc(&ctp, &attr);
    io_read_t read = {.i = {.nbytes = 10}};
    io_write_t write = {.i = {.nbytes = 20}};
    int nonblock = -1;

    TEST_CHECK(ocb != NULL, "an open file");
    ocb->attr = &attr;
    ocb->ioflag = _IO_FLAG_RD;
    TEST_EQUAL(iofunc_read_verify(&ctp, &read, ocb, &nonblock), EOK, "that may be read");
    TEST_EQUAL(nonblock, 0, "and waited for");
    TEST_EQUAL(iofunc_write_verify(&ctp, &write, ocb, NULL), EBADF, "but not written");
    ocb->ioflag = _IO_FLAG_WR | O_NONBLOCK;
    TEST_EQUAL(iofunc_write_verify(&ctp, &write, ocb, &nonblock), EOK, "one that may");
    TEST_CHECK(nonblock != 0, "without waiting");
    TEST_EQUAL(iofunc_write_default(&ctp, &write, ocb), EOK, "by default it takes all");
    TEST_EQUAL(ctp.status, 20, "that comes");
    ocb->ioflag = _IO_FLAG_RD;
    TEST_EQUAL(iofunc_read_default(&ctp, &read, ocb), EOK, "and has");
    TEST_EQUAL(ctp.status, 0, "nothing to give");
    attr.count = attr.rcount = 1;
    TEST_EQUAL(iofunc_close_ocb_default(&ctp, NULL, ocb), EOK, "closed");
    TEST_CHECK(attr.count == 0 && attr.rcount == 0 && attr.wcount == 0, "it is not counted");
}

static int seek(iofunc_ocb_t *ocb, int whence, int64_t offset)
{
    io_lseek_t message = {.i = {.whence = (int16_t)whence, .offset = offset}};
    int result = iofunc_lseek_default(&ctp, &message, ocb);

    return result == _RESMGR_NPARTS(1) ? (int)message.o : -result;
}

static void check_seek(void)
{
    iofunc_ocb_t ocb = {.attr = &attr};

    attr.nbytes = 100;
    TEST_EQUAL(seek(&ocb, SEEK_SET, 10), 10, "an offset from the beginning");
    TEST_EQUAL(seek(&ocb, SEEK_CUR, -3), 7, "from there");
    TEST_EQUAL(seek(&ocb, SEEK_END, 5), 105, "from the end");
    TEST_EQUAL(seek(&ocb, SEEK_SET, -1), -EINVAL, "not before the beginning");
    TEST_EQUAL(seek(&ocb, 9, 0), -EINVAL, "nor from nowhere");
    TEST_EQUAL(seek(&ocb, SEEK_SET, 1ll << 40), -EOVERFLOW, "nor too far");
    TEST_EQUAL(ocb.offset, 105, "then it stays where it is");
}

static void check_changes(void)
{
    iofunc_ocb_t ocb = {.attr = &attr};
    io_chmod_t mode = {.i = {.mode = 0600}};
    io_utime_t times = {.i = {.times = {.actime = 5, .modtime = 6}}};

    TEST_EQUAL(iofunc_chmod_default(&ctp, &mode, &ocb), EOK, "chmod");
    TEST_CHECK(attr.mode == (S_IFCHR | 0600) && attr.flags & IOFUNC_ATTR_CTIME,
               "leaves the kind of file");
    TEST_EQUAL(iofunc_utime_default(&ctp, &times, &ocb), EOK, "utime");
    TEST_CHECK(attr.atime == 5 && attr.mtime == 6, "sets both times");
    times.i.cur_flag = 1;
    iofunc_utime_default(&ctp, &times, &ocb);
    TEST_CHECK(attr.atime > 6 && attr.mtime > 6, "to now, if that is wanted");
    TEST_EQUAL(iofunc_unblock_default(&ctp, NULL, &ocb), EINTR, "who waits is let go");
}

static volatile uint32_t inside;

static void *lock_too(void *unused)
{
    (void)unused;
    iofunc_attr_lock(&attr);
    inside = 1;
    iofunc_attr_unlock(&attr);
    return NULL;
}

static void check_lock(void)
{
    pthread_t thread;

    iofunc_attr_lock(&attr);
    TEST_EQUAL(iofunc_attr_lock(&attr), EOK, "the lock can be taken twice");
    pthread_create(&thread, NULL, lock_too, NULL);
    iofunc_attr_unlock(&attr);
    usleep(3000);
    TEST_EQUAL(inside, 0, "and is held until it was given up as often");
    iofunc_attr_unlock(&attr);
    pthread_join(thread, NULL);
    TEST_EQUAL(inside, 1, "then another thread has it");
}

void check_iofunc(void)
{
    check_attributes();
    check_access();
    check_opened();
    check_seek();
    check_changes();
    check_lock();
}
