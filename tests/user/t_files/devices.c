/* SPDX-License-Identifier: MIT */
#include <devctl.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "kit.h"
#include "names.h"
#include "t_files.h"

static void check_devices_themselves(void)
{
    char bytes[100];
    struct stat status;
    int fd = open("/dev/null", O_RDWR);

    TEST_CHECK(fstat(fd, &status) == 0 && S_ISCHR(status.st_mode), "/dev/null is a device");
    TEST_CHECK(read(fd, bytes, 10) == 0 && write(fd, bytes, 10) == 10, "empty and bottomless");
    TEST_EQUAL(isatty(fd), 0, "and no terminal");
    close(fd);
    fd = open("/dev/zero", O_RDWR);
    memset(bytes, 1, sizeof bytes);
    TEST_CHECK(read(fd, bytes, 99) == 99 && bytes[0] == 0 && bytes[98] == 0 && bytes[99] == 1,
               "/dev/zero has zeroes, as many as asked for");
    close(fd);
    fd = open("/dev/full", O_WRONLY);
    REFUSED(write(fd, "x", 1), ENOSPC, "/dev/full is full");
    close(fd);
    fd = open("/dev/tty", O_RDWR);
    TEST_CHECK(fd >= 0 && isatty(fd), "/dev/tty is the terminal");
    TEST_EQUAL(write(fd, "", 0), 0, "which can be written");
    REFUSED(lseek(fd, 0, SEEK_SET), ESPIPE, "and has no places");
    close(fd);
    fd = open("/dev/console", O_RDONLY | O_NONBLOCK);
    REFUSED(read(fd, bytes, 1), EAGAIN, "O_NONBLOCK: nothing was typed");
    close(fd);
    REFUSED(open("/dev/nothing", O_RDONLY), ENOENT, "other devices are not there");
    REFUSED(open("/dev/nothing", O_WRONLY | O_CREAT, 0600), EACCES, "nor made");
    REFUSED(open("/dev/null/x", O_RDONLY), ENOTDIR, "nothing is below a device");
}

static void check_terminal(void)
{
    struct termios before, now;
    int fd = open("/dev/tty", O_RDWR), nothing = open("/dev/null", O_RDWR);

    REFUSED(tcgetattr(nothing, &now), ENOTTY, "/dev/null has no termios");
    TEST_EQUAL(tcgetattr(fd, &before), 0, "tcgetattr");
    TEST_CHECK((before.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG) &&
                   before.c_iflag & ICRNL && before.c_oflag & OPOST,
               "a terminal that edits lines");
    now = before;
    now.c_lflag &= ~(tcflag_t)ECHO;
    TEST_CHECK(tcsetattr(fd, TCSANOW, &now) == 0 && tcgetattr(fd, &now) == 0 &&
                   (now.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ISIG),
               "one flag is changed alone");
    cfmakeraw(&now);
    TEST_CHECK(tcsetattr(fd, TCSADRAIN, &now) == 0 && tcgetattr(fd, &now) == 0 &&
                   (now.c_lflag & (ICANON | ECHO | ISIG)) == 0 && !(now.c_iflag & ICRNL) &&
                   !(now.c_oflag & OPOST),
               "cfmakeraw");
    REFUSED(tcsetattr(fd, 77, &before), EINVAL, "at no time that there is");
    TEST_CHECK(tcsetattr(fd, TCSAFLUSH, &before) == 0 && tcgetattr(fd, &now) == 0 &&
                   memcmp(&before, &now, sizeof now) == 0,
               "all is as before");
    TEST_CHECK(tcflush(fd, TCIFLUSH) == 0 && tcdrain(fd) == 0, "tcflush and tcdrain");
    close(fd);
    close(nothing);
}

/* ---- Size and flow ---- */

static volatile int size_told;

static void note_size(int signo) { size_told = signo; }

static void check_size(void)
{
    struct winsize before, size;
    int fd = open("/dev/tty", O_RDWR), nothing = open("/dev/null", O_RDWR);

    TEST_CHECK(ioctl(fd, TIOCGWINSZ, &before) == 0 && before.ws_col == 80 && before.ws_row == 24,
               "80 by 24");
    signal(SIGWINCH, note_size);
    size = (struct winsize){.ws_row = 50, .ws_col = 132};
    TEST_EQUAL(ioctl(fd, TIOCSWINSZ, &size), 0, "another size");
    memset(&size, 0, sizeof size);
    TEST_CHECK(ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col == 132 &&
                   size.ws_row == 50,
               "is the terminal's");
    while (size_told == 0)
        usleep(10000);
    TEST_EQUAL(size_told, SIGWINCH, "SIGWINCH tells of it");
    TEST_EQUAL(ioctl(fd, TIOCSWINSZ, &before), 0, "back again");
    TEST_EQUAL(devctl(fd, TIOCSWINSZ, &before, 3, NULL), EINVAL, "half a size");
    TEST_EQUAL(devctl(fd, TIOCGWINSZ, &size, 3, NULL), EINVAL, "into half a place");
    REFUSED(ioctl(nothing, TIOCGWINSZ, &size), ENOTTY, "/dev/null has none");
    signal(SIGWINCH, SIG_DFL);
    close(fd);
    close(nothing);
}

static volatile int has_drained;

static void *drain(void *fd)
{
    has_drained = tcdrain(*(int *)fd) == 0 ? 1 : -1;
    return NULL;
}

static void check_flow(void)
{
    int fd = open("/dev/tty", O_RDWR);
    pthread_t thread;

    TEST_CHECK(tcdrain(fd) == 0 && tcflow(fd, TCOOFF) == 0, "output is held");
    ssize_t written = write(fd, "held\n", 5);
    pthread_create(&thread, NULL, drain, &fd);
    usleep(50000);
    int early = has_drained;
    tcflow(fd, TCOON);
    pthread_join(thread, NULL);
    TEST_CHECK(written == 5 && early == 0, "what is written meanwhile waits");
    TEST_EQUAL(has_drained, 1, "until it is let go on");
    close(fd);
}

/* A name of our own, for a port that serves nothing. */
static void check_names(void)
{
    struct rig rig, other;
    char path[40];
    uint32_t portal;

    if (!TEST_CHECK(rig_make(&rig, 5, 0) && rig_make(&other, 6, 0), "two ports"))
        return;
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, "service/mine", rig.client), -EPERM,
               "a process registers nothing anywhere");
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, "files/dev", rig.client), -EPERM, "nor replaces");
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, "local/a//b", rig.client), -EINVAL, "a bad path");
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, "local/../a", rig.client), -EINVAL, "another");
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, "local/mine", IRIS_SLOT_SPACE), -EINVAL,
               "a space is no portal");
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, "local/mine", rig.client), 0, "below local/");
    TEST_EQUAL(names_register(IRIS_SLOT_NAMES, "local/mine", other.client), -EEXIST, "once");
    TEST_EQUAL(names_unregister(IRIS_SLOT_NAMES, "local/mine", other.client), -EPERM,
               "who has no portal to the port does not take it away");
    TEST_EQUAL(names_unregister(IRIS_SLOT_NAMES, "service/mem", rig.client), -EPERM,
               "nor what root has registered");
    TEST_EQUAL(names_unregister(IRIS_SLOT_NAMES, "local/mine", rig.own), 0, "who has one does");
    int made = 0, status;
    do {
        snprintf(path, sizeof path, "files/dev/mine%d", made);
        status = names_register(IRIS_SLOT_NAMES, path, rig.client);
    } while (status == 0 && ++made < 100);
    TEST_CHECK(status == -ENOSPC && made == NAMES_PORT_NAMES_MAX, "16 names for a port");
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, "files/dev/mine3", &portal), 0, "all are found");
    iris_handle_discard(portal);
    rig_free(&rig);
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, "files/dev/mine3", &portal), -ENOENT,
               "until the port is dead");
    REFUSED(open("/dev/mine5", O_RDONLY), ENOENT, "for open too");
    rig_free(&other);
}

void check_devices(void)
{
    check_devices_themselves();
    check_terminal();
    check_size();
    check_flow();
    check_names();
}
