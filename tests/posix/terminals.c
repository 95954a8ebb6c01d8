/* SPDX-License-Identifier: MIT */
/* Terminals: the program's standard input is one, with nothing typed. */
#include "behaviour.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#define TERMINAL STDIN_FILENO

static struct termios settings(void)
{
    struct termios now;

    memset(&now, 0, sizeof now);
    CHECK(tcgetattr(TERMINAL, &now) == 0);
    return now;
}

static void put_back(const struct termios *before)
{
    CHECK(tcsetattr(TERMINAL, TCSANOW, before) == 0);
}

/* Non-canonical input with these VMIN and VTIME. */
static bool make_raw(unsigned char least, unsigned char time)
{
    struct termios raw = settings();

    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = least;
    raw.c_cc[VTIME] = time;
    return tcsetattr(TERMINAL, TCSANOW, &raw) == 0;
}

static int open_file(void) { return put_file("a", "x") ? open("a", O_RDWR) : -1; }

/* ---- What is one ---- */

BEHAVIOUR(isatty_terminal, "XSH isatty: 1 for a terminal") { EQUAL(isatty(TERMINAL), 1); }

BEHAVIOUR(isatty_other, "XSH isatty: 0 with ENOTTY for a file, a pipe, /dev/null")
{
    int ends[2], fds[] = {open_file(), open("/dev/null", O_RDWR), -1};

    REQUIRE(pipe(ends) == 0);
    fds[2] = ends[0];
    for (int i = 0; i < 3; i++) {
        errno = 0;
        CHECK(isatty(fds[i]) == 0 && errno == ENOTTY);
    }
}

BEHAVIOUR(isatty_not_open, "XSH isatty: 0 with EBADF for a descriptor that is not open")
{
    errno = 0;
    CHECK(isatty(50) == 0 && errno == EBADF);
}

BEHAVIOUR(terminal_stat, "XSH fstat: a terminal is a character device")
{
    struct stat status;

    CHECK(fstat(TERMINAL, &status) == 0 && S_ISCHR(status.st_mode));
}

BEHAVIOUR(terminal_seek, "XSH lseek: of a terminal fails with ESPIPE")
{
    FAILS(lseek(TERMINAL, 0, SEEK_CUR), ESPIPE);
}

BEHAVIOUR(ttyname_path, "XSH ttyname, ttyname_r: a path that leads to the terminal")
{
    char name[200];
    const char *path = ttyname(TERMINAL);

    REQUIRE(path != NULL && path[0] == '/');
    EQUAL(ttyname_r(TERMINAL, name, sizeof name), 0);
    CHECK(strcmp(path, name) == 0);
    int fd = open(name, O_RDWR | O_NOCTTY);
    EQUAL(isatty(fd), 1);
}

BEHAVIOUR(ttyname_other, "XSH ttyname_r: ENOTTY for a file, ERANGE for a small buffer")
{
    char name[200];

    EQUAL(ttyname_r(open_file(), name, sizeof name), ENOTTY);
    EQUAL(ttyname_r(TERMINAL, name, 3), ERANGE);
}

BEHAVIOUR(ctermid_name,
          "XSH ctermid: names the controlling terminal, in the given buffer if there is one")
{
    char name[L_ctermid];

    CHECK(ctermid(name) == name && name[0] == '/');
    CHECK(strcmp(ctermid(NULL), name) == 0);
}

BEHAVIOUR(dev_tty, "XBD 10.1: /dev/tty is the controlling terminal")
{
    int fd = open("/dev/tty", O_RDWR);

    REQUIRE(fd >= 0);
    EQUAL(isatty(fd), 1);
}

/* ---- Settings ---- */

BEHAVIOUR(tcgetattr_other, "XSH tcgetattr: ENOTTY for a file, EBADF for no descriptor")
{
    struct termios now;

    FAILS(tcgetattr(open_file(), &now), ENOTTY);
    FAILS(tcgetattr(50, &now), EBADF);
}

BEHAVIOUR(tcsetattr_other, "XSH tcsetattr: ENOTTY for a file, EINVAL for an unknown action")
{
    struct termios now = settings();

    FAILS(tcsetattr(open_file(), TCSANOW, &now), ENOTTY);
    FAILS(tcsetattr(TERMINAL, 99, &now), EINVAL);
}

BEHAVIOUR(tcsetattr_flags, "XSH tcsetattr: ECHO and ICANON can be turned off and on")
{
    struct termios before = settings(), changed = before;

    changed.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    CHECK(tcsetattr(TERMINAL, TCSANOW, &changed) == 0);
    EQUAL(settings().c_lflag & (ICANON | ECHO), 0);
    changed.c_lflag |= ICANON;
    CHECK(tcsetattr(TERMINAL, TCSADRAIN, &changed) == 0);
    EQUAL(settings().c_lflag & (ICANON | ECHO), ICANON);
    put_back(&before);
    EQUAL(settings().c_lflag, before.c_lflag);
}

BEHAVIOUR(tcsetattr_signals, "XSH tcsetattr: ISIG can be turned off and on")
{
    struct termios before = settings(), changed = before;

    changed.c_lflag &= ~(tcflag_t)ISIG;
    CHECK(tcsetattr(TERMINAL, TCSAFLUSH, &changed) == 0);
    EQUAL(settings().c_lflag & ISIG, 0);
    put_back(&before);
}

BEHAVIOUR(tcsetattr_input, "XSH tcsetattr: ICRNL and OPOST can be turned off and on")
{
    struct termios before = settings(), changed = before;

    changed.c_iflag &= ~(tcflag_t)ICRNL;
    changed.c_oflag &= ~(tcflag_t)OPOST;
    CHECK(tcsetattr(TERMINAL, TCSANOW, &changed) == 0);
    struct termios now = settings();
    EQUAL(now.c_iflag & ICRNL, 0);
    EQUAL(now.c_oflag & OPOST, 0);
    put_back(&before);
}

BEHAVIOUR(control_characters, "XBD termios.h: control characters can be changed, each for itself")
{
    struct termios before = settings(), changed = before;

    changed.c_cc[VINTR] = 'x' & 0x1f;
    changed.c_cc[VERASE] = 'h' & 0x1f;
    CHECK(tcsetattr(TERMINAL, TCSANOW, &changed) == 0);
    struct termios now = settings();
    EQUAL(now.c_cc[VINTR], 'x' & 0x1f);
    EQUAL(now.c_cc[VERASE], 'h' & 0x1f);
    EQUAL(now.c_cc[VEOF], before.c_cc[VEOF]);
    put_back(&before);
}

BEHAVIOUR(flow_characters, "XBD 11.1.9: VEOL, VSTART and VSTOP can be changed as well")
{
    struct termios before = settings(), changed = before;

    changed.c_cc[VEOL] = ';';
    changed.c_cc[VSTART] = 'e' & 0x1f;
    changed.c_cc[VSTOP] = 'f' & 0x1f;
    CHECK(tcsetattr(TERMINAL, TCSANOW, &changed) == 0);
    struct termios now = settings();
    EQUAL(now.c_cc[VEOL], ';');
    EQUAL(now.c_cc[VSTART], 'e' & 0x1f);
    EQUAL(now.c_cc[VSTOP], 'f' & 0x1f);
    put_back(&before);
}

BEHAVIOUR(flow_flags, "XBD 11.2.2: IXON, IXANY and IXOFF can be turned on and off, each for itself")
{
    const tcflag_t flags[] = {IXON, IXANY, IXOFF}, all = IXON | IXANY | IXOFF;
    struct termios before = settings(), changed = before;

    for (int i = 0; i < 3; i++) {
        changed.c_iflag = (before.c_iflag & ~all) | flags[i];
        CHECK(tcsetattr(TERMINAL, TCSANOW, &changed) == 0);
        EQUAL(settings().c_iflag & all, flags[i]);
    }
    put_back(&before);
}

BEHAVIOUR(flow_told, "XSH tcflow: ENOTTY for a file, EBADF for no descriptor, EINVAL for no action")
{
    FAILS(tcflow(open_file(), TCOOFF), ENOTTY);
    FAILS(tcflow(50, TCOOFF), EBADF);
    FAILS(tcflow(TERMINAL, 99), EINVAL);
    CHECK(tcflow(TERMINAL, TCOOFF) == 0);
    CHECK(tcflow(TERMINAL, TCOON) == 0);
    CHECK(tcdrain(TERMINAL) == 0);
}

BEHAVIOUR(settings_shared, "XBD 11.1: the settings are the terminal's, whatever descriptor is used")
{
    struct termios before = settings(), other;
    int fd = open("/dev/tty", O_RDWR);

    REQUIRE(fd >= 0 && make_raw(3, 4));
    CHECK(tcgetattr(fd, &other) == 0);
    CHECK((other.c_lflag & ICANON) == 0 && other.c_cc[VMIN] == 3 && other.c_cc[VTIME] == 4);
    put_back(&before);
}

BEHAVIOUR(speeds, "XSH cfsetispeed, cfsetospeed: set the speeds in the structure")
{
    struct termios now = settings();

    CHECK(cfsetispeed(&now, B9600) == 0 && cfsetospeed(&now, B9600) == 0);
    EQUAL(cfgetispeed(&now), B9600);
    EQUAL(cfgetospeed(&now), B9600);
    CHECK(cfsetispeed(&now, B38400) == 0 && cfsetospeed(&now, B38400) == 0);
    EQUAL(cfgetispeed(&now), B38400);
    EQUAL(cfgetospeed(&now), B38400);
}

/* ---- Input that does not come ---- */

BEHAVIOUR(read_polling, "XBD 11.1.7: VMIN 0 and VTIME 0: a read returns at once with 0")
{
    struct termios before = settings();
    char byte;

    REQUIRE(make_raw(0, 0));
    EQUAL(read(TERMINAL, &byte, 1), 0);
    put_back(&before);
}

BEHAVIOUR(read_timed, "XBD 11.1.7: VMIN 0 and VTIME 1: a read returns 0 after a tenth of a second")
{
    struct termios before = settings();
    char byte;

    REQUIRE(make_raw(0, 1));
    long long start = milliseconds();
    EQUAL(read(TERMINAL, &byte, 1), 0);
    CHECK(milliseconds() - start >= 90);
    put_back(&before);
}

BEHAVIOUR(read_least, "XBD 11.1.7: VMIN 1 and VTIME 1: a read waits for the first byte")
{
    struct termios before = settings();
    struct pollfd one = {.fd = TERMINAL, .events = POLLIN};

    REQUIRE(make_raw(1, 1));
    EQUAL(poll(&one, 1, 150), 0);
    put_back(&before);
}

BEHAVIOUR(read_nonblocking, "XSH read: O_NONBLOCK and nothing typed is EAGAIN")
{
    int flags = fcntl(TERMINAL, F_GETFL);
    char byte;

    CHECK(fcntl(TERMINAL, F_SETFL, flags | O_NONBLOCK) == 0);
    FAILS(read(TERMINAL, &byte, 1), EAGAIN);
    CHECK(fcntl(TERMINAL, F_SETFL, flags) == 0);
}

BEHAVIOUR(poll_terminal,
          "XSH poll: a terminal is writable, and not readable before a line is typed")
{
    struct pollfd one = {.fd = TERMINAL, .events = POLLIN | POLLOUT};

    EQUAL(poll(&one, 1, 1000), 1);
    EQUAL(one.revents, POLLOUT);
}

/* ---- Lines ---- */

BEHAVIOUR(flush,
          "XSH tcflush: throws away input and output; ENOTTY for a file, EINVAL for no queue")
{
    CHECK(tcflush(TERMINAL, TCIFLUSH) == 0 && tcflush(TERMINAL, TCIOFLUSH) == 0);
    FAILS(tcflush(open_file(), TCIFLUSH), ENOTTY);
    FAILS(tcflush(TERMINAL, 99), EINVAL);
}

BEHAVIOUR(drain, "XSH tcdrain: waits until all is written; ENOTTY for a file, EBADF for nothing")
{
    CHECK(tcdrain(TERMINAL) == 0);
    FAILS(tcdrain(open_file()), ENOTTY);
    FAILS(tcdrain(50), EBADF);
}

BEHAVIOUR(foreground, "XSH tcgetpgrp: tells the foreground process group; ENOTTY for a file")
{
    EQUAL(tcgetpgrp(TERMINAL), getpgrp());
    FAILS(tcgetpgrp(open_file()), ENOTTY);
}

BEHAVIOUR(foreground_set, "XSH tcsetpgrp: the own group stays in front; ENOTTY for a file")
{
    CHECK(tcsetpgrp(TERMINAL, getpgrp()) == 0);
    EQUAL(tcgetpgrp(TERMINAL), getpgrp());
    FAILS(tcsetpgrp(open_file(), getpgrp()), ENOTTY);
}

/* ---- Background (XBD 11.1.4) ---- */

extern char **environ;

/* Starts a CHILD in a process group of its own, which is in the background. */
static pid_t start_background(const char *name, const char *argument)
{
    posix_spawnattr_t attributes;
    char *argv[CHILD_ARGUMENTS];
    pid_t child = -1;

    child_arguments(argv, name, argument, NULL);
    if (posix_spawnattr_init(&attributes) != 0)
        return -1;
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    errno = posix_spawn(&child, own_path(), NULL, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    return errno == 0 ? child : -1;
}

/* Whether it stops by this signal; ends it. */
static bool stops_by(pid_t child, int signo)
{
    int status = 0;
    bool stopped = child > 0 && waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
                   WSTOPSIG(status) == signo;

    return kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && stopped;
}

CHILD(reads_terminal)
{
    char byte;

    signal(SIGTTIN, SIG_DFL);
    return read(TERMINAL, &byte, 1) == 1;
}

BEHAVIOUR(background_read, "XBD 11.1.4: a background process that reads is stopped by SIGTTIN")
{
    CHECK(stops_by(start_background("reads_terminal", NULL), SIGTTIN));
}

CHILD(reads_ignoring)
{
    char byte;

    signal(SIGTTIN, SIG_IGN);
    return read(TERMINAL, &byte, 1) == -1 && errno == EIO ? 0 : 1;
}

BEHAVIOUR(background_read_ignored, "XBD 11.1.4: if it ignores SIGTTIN the read fails with EIO")
{
    EQUAL(exit_status(start_background("reads_ignoring", NULL)), 0);
}

CHILD(sets_terminal)
{
    struct termios now = settings();

    signal(SIGTTOU, SIG_DFL);
    return tcsetattr(TERMINAL, TCSANOW, &now) != 0;
}

BEHAVIOUR(background_set, "XSH tcsetattr: from a background process is stopped by SIGTTOU")
{
    CHECK(stops_by(start_background("sets_terminal", NULL), SIGTTOU));
}

CHILD(writes_terminal)
{
    signal(SIGTTOU, argc > 1 ? SIG_IGN : SIG_DFL);
    return write(TERMINAL, "", 0) != 0;
}

/* With TOSTOP on the terminal; what was before is put back. */
static struct termios stop_writers(void)
{
    struct termios before = settings(), changed = before;

    changed.c_lflag |= TOSTOP;
    CHECK(tcsetattr(TERMINAL, TCSANOW, &changed) == 0);
    EQUAL(settings().c_lflag & TOSTOP, TOSTOP);
    return before;
}

BEHAVIOUR(background_write, "XBD 11.1.4: with TOSTOP a background process that writes gets SIGTTOU")
{
    struct termios before = stop_writers();

    CHECK(stops_by(start_background("writes_terminal", NULL), SIGTTOU));
    EQUAL(write(TERMINAL, "", 0), 0);
    put_back(&before);
    EQUAL(exit_status(start_background("writes_terminal", NULL)), 0);
}

BEHAVIOUR(background_write_ignored, "XBD 11.1.4: if it ignores SIGTTOU it may write, TOSTOP or not")
{
    struct termios before = stop_writers();

    EQUAL(exit_status(start_background("writes_terminal", "ignoring")), 0);
    put_back(&before);
}

CHILD(sets_ignoring)
{
    struct termios now = settings();

    signal(SIGTTOU, SIG_IGN);
    return tcsetattr(TERMINAL, TCSANOW, &now) != 0;
}

BEHAVIOUR(background_set_ignored, "XSH tcsetattr: if it ignores SIGTTOU the settings are changed")
{
    EQUAL(exit_status(start_background("sets_ignoring", NULL)), 0);
}

BEHAVIOUR(foreground_read, "XSH tcsetpgrp: a group that is put in front may read")
{
    struct termios before = settings();
    int status = 0;

    REQUIRE(make_raw(0, 0) && signal(SIGTTOU, SIG_IGN) != SIG_ERR);
    pid_t child = start_background("reads_terminal", NULL);
    REQUIRE(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    CHECK(tcsetpgrp(TERMINAL, child) == 0);
    CHECK(kill(child, SIGCONT) == 0);
    EQUAL(exit_status(child), 0);
    CHECK(tcsetpgrp(TERMINAL, getpgrp()) == 0);
    put_back(&before);
    signal(SIGTTOU, SIG_DFL);
}
