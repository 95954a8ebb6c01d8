/* SPDX-License-Identifier: MIT */
/* termios on the console's attributes. */
#include <errno.h>
#include <signal.h>
#include <termios.h>

#include "console.h" /* generated from servers/console/console.idl */
#include "files.h"
#include "libc.h"

#define CONTROL (CS8 | CREAD | CLOCAL | HUPCL)
#define SPEED B115200

/* Where the console's characters stand in c_cc. */
#define ALL (CONSOLE_CHARACTERS + CONSOLE_MORE_CHARACTERS)
static const uint8_t places[ALL] = {
    [CONSOLE_CHARACTER_END_OF_FILE] = VEOF, [CONSOLE_CHARACTER_ERASE] = VERASE,
    [CONSOLE_CHARACTER_KILL] = VKILL,       [CONSOLE_CHARACTER_INTERRUPT] = VINTR,
    [CONSOLE_CHARACTER_QUIT] = VQUIT,       [CONSOLE_CHARACTER_SUSPEND] = VSUSP,
    [CONSOLE_CHARACTER_LEAST] = VMIN,       [CONSOLE_CHARACTER_TIME] = VTIME,
    [CONSOLE_CHARACTER_END_OF_LINE] = VEOL, [CONSOLE_CHARACTER_START] = VSTART,
    [CONSOLE_CHARACTER_STOP] = VSTOP};

/* The open file of a terminal, held; NULL: *error says why. */
static struct open_file *hold_terminal(int fd, int *error)
{
    struct open_file *file = files_hold(fd);
    *error = file == NULL ? -EBADF : 0;
    if (file != NULL && files_kind(file) != FILE_KIND_TERMINAL) {
        files_drop(file);
        *error = -ENOTTY;
        return NULL;
    }
    return file;
}

int tcgetattr(int fd, struct termios *settings)
{
    uint8_t characters[ALL];
    uint32_t has = 0;
    int error;
    struct open_file *file = hold_terminal(fd, &error);
    if (file == NULL)
        return libc_result(error);
    error = console_attributes(file->handle, &has);
    if (error == 0)
        error = console_characters(file->handle, characters);
    if (error == 0)
        error = console_more_characters(file->handle, characters + CONSOLE_CHARACTERS);
    files_drop(file);
    if (error != 0)
        return libc_result(error);
    *settings = (struct termios){
        .c_iflag =
            (has & CONSOLE_INPUT_RETURN ? ICRNL : 0) | (has & CONSOLE_OUTPUT_FLOW ? IXON : 0) |
            (has & CONSOLE_OUTPUT_FLOW_ANY ? IXANY : 0) | (has & CONSOLE_INPUT_FLOW ? IXOFF : 0),
        .c_oflag = has & CONSOLE_OUTPUT_RETURN ? OPOST | ONLCR : 0,
        .c_cflag = CONTROL,
        .c_lflag = (has & CONSOLE_INPUT_LINES ? ICANON : 0) |
                   (has & CONSOLE_INPUT_ECHO ? ECHO : 0) |
                   (has & CONSOLE_INPUT_SIGNALS ? ISIG : 0) |
                   (has & CONSOLE_OUTPUT_FRONT ? TOSTOP : 0) | ECHOE | ECHOK,
        .c_ispeed = SPEED,
        .c_ospeed = SPEED,
    };
    for (uint32_t i = 0; i < ALL; i++)
        settings->c_cc[places[i]] = characters[i];
    return 0;
}

static uint32_t attributes(const struct termios *settings)
{
    return (settings->c_lflag & ICANON ? CONSOLE_INPUT_LINES : 0) |
           (settings->c_lflag & ECHO ? CONSOLE_INPUT_ECHO : 0) |
           (settings->c_lflag & ISIG ? CONSOLE_INPUT_SIGNALS : 0) |
           (settings->c_iflag & ICRNL ? CONSOLE_INPUT_RETURN : 0) |
           (settings->c_iflag & IXON ? CONSOLE_OUTPUT_FLOW : 0) |
           (settings->c_iflag & IXANY ? CONSOLE_OUTPUT_FLOW_ANY : 0) |
           (settings->c_iflag & IXOFF ? CONSOLE_INPUT_FLOW : 0) |
           (settings->c_lflag & TOSTOP ? CONSOLE_OUTPUT_FRONT : 0) |
           ((settings->c_oflag & OPOST) && (settings->c_oflag & ONLCR) ? CONSOLE_OUTPUT_RETURN : 0);
}

/* Characters first: a read that the attributes make raw goes by them. */
static int set(uint32_t terminal, const struct termios *settings)
{
    uint8_t characters[ALL];
    for (uint32_t i = 0; i < ALL; i++)
        characters[i] = settings->c_cc[places[i]];
    int error = console_set_characters(terminal, characters);
    if (error == 0)
        error = console_set_more_characters(terminal, characters + CONSOLE_CHARACTERS);
    return error != 0 ? error : console_set_attributes(terminal, attributes(settings));
}

int tcsetattr(int fd, int when, const struct termios *settings)
{
    int error;
    struct open_file *file = hold_terminal(fd, &error);
    if (file == NULL)
        return libc_result(error);
    if (when < TCSANOW || when > TCSAFLUSH)
        error = -EINVAL;
    if (error == 0)
        error = terminal_await(file, SIGTTOU);
    if (error == 0 && when != TCSANOW)
        error = console_drain(file->handle);
    if (error == 0 && when == TCSAFLUSH)
        error = console_flush(file->handle);
    if (error == 0)
        error = set(file->handle, settings);
    files_drop(file);
    return libc_result(error);
}

int tcdrain(int fd)
{
    int error;
    struct open_file *file = hold_terminal(fd, &error);
    if (file == NULL)
        return libc_result(error);
    error = console_drain(file->handle);
    files_drop(file);
    return libc_result(error);
}

int tcflush(int fd, int queue)
{
    int error;
    struct open_file *file = hold_terminal(fd, &error);
    if (file == NULL)
        return libc_result(error);
    if (queue < TCIFLUSH || queue > TCIOFLUSH)
        error = -EINVAL;
    if (error == 0)
        error = terminal_await(file, SIGTTOU);
    if (error == 0 && queue != TCOFLUSH)
        error = console_flush(file->handle);
    files_drop(file);
    return libc_result(error);
}

int tcflow(int fd, int action)
{
    static const enum console_flow flows[] = {[TCOOFF] = CONSOLE_FLOW_HOLD_OUTPUT,
                                              [TCOON] = CONSOLE_FLOW_LET_OUTPUT,
                                              [TCIOFF] = CONSOLE_FLOW_SEND_STOP,
                                              [TCION] = CONSOLE_FLOW_SEND_START};
    int error;
    struct open_file *file = hold_terminal(fd, &error);
    if (file == NULL)
        return libc_result(error);
    if (action < TCOOFF || action > TCION)
        error = -EINVAL;
    if (error == 0)
        error = terminal_await(file, SIGTTOU);
    if (error == 0)
        error = console_flow(file->handle, flows[action]);
    files_drop(file);
    return libc_result(error);
}

speed_t cfgetispeed(const struct termios *settings) { return settings->c_ispeed; }

speed_t cfgetospeed(const struct termios *settings) { return settings->c_ospeed; }

int cfsetispeed(struct termios *settings, speed_t speed)
{
    settings->c_ispeed = speed == B0 ? settings->c_ospeed : speed;
    return 0;
}

int cfsetospeed(struct termios *settings, speed_t speed)
{
    settings->c_ospeed = speed;
    return 0;
}

void cfmakeraw(struct termios *settings)
{
    settings->c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | IGNBRK | IGNCR | INLCR | ISTRIP | IXON);
    settings->c_oflag &= ~(tcflag_t)OPOST;
    settings->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    settings->c_cflag = (settings->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
}
