/* SPDX-License-Identifier: MIT */
/*
 * Terminals (POSIX, <termios.h>). Of the flags the console knows ICANON, ECHO, ISIG, TOSTOP, ICRNL,
 * IXON, IXANY, IXOFF, and OPOST with ONLCR: tcgetattr tells what is in force after tcsetattr, which
 * succeeds if it can do any of what it was asked for (POSIX). The speed is what the line has.
 */
#ifndef _TERMIOS_H
#define _TERMIOS_H

#include <sys/types.h>

typedef unsigned int tcflag_t;
typedef unsigned char cc_t;
typedef unsigned int speed_t;

#define NCCS 20
struct termios {
    tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
    cc_t c_cc[NCCS];
    speed_t c_ispeed, c_ospeed;
};

#define VEOF 0
#define VEOL 1
#define VERASE 2
#define VINTR 3
#define VKILL 4
#define VMIN 5
#define VQUIT 6
#define VSTART 7
#define VSTOP 8
#define VSUSP 9
#define VTIME 10

/* c_iflag */
#define BRKINT 0x001
#define ICRNL 0x002
#define IGNBRK 0x004
#define IGNCR 0x008
#define IGNPAR 0x010
#define INLCR 0x020
#define INPCK 0x040
#define ISTRIP 0x080
#define IXANY 0x100
#define IXOFF 0x200
#define IXON 0x400
#define PARMRK 0x800

/* c_oflag */
#define OPOST 0x01
#define ONLCR 0x02
#define OCRNL 0x04
#define ONOCR 0x08
#define ONLRET 0x10

/* c_cflag */
#define CSIZE 0x003
#define CS5 0x000
#define CS6 0x001
#define CS7 0x002
#define CS8 0x003
#define CSTOPB 0x004
#define CREAD 0x008
#define PARENB 0x010
#define PARODD 0x020
#define HUPCL 0x040
#define CLOCAL 0x080

/* c_lflag */
#define ECHO 0x001
#define ECHOE 0x002
#define ECHOK 0x004
#define ECHONL 0x008
#define ICANON 0x010
#define IEXTEN 0x020
#define ISIG 0x040
#define NOFLSH 0x080
#define TOSTOP 0x100

#define B0 0
#define B50 50
#define B75 75
#define B110 110
#define B134 134
#define B150 150
#define B200 200
#define B300 300
#define B600 600
#define B1200 1200
#define B1800 1800
#define B2400 2400
#define B4800 4800
#define B9600 9600
#define B19200 19200
#define B38400 38400
#define B57600 57600
#define B115200 115200

#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2
#define TCOOFF 0
#define TCOON 1
#define TCIOFF 2
#define TCION 3
#define TCIFLUSH 0
#define TCOFLUSH 1
#define TCIOFLUSH 2

#ifdef __cplusplus
extern "C" {
#endif

int tcgetattr(int fd, struct termios *settings);
int tcsetattr(int fd, int when, const struct termios *settings);
int tcdrain(int fd);
int tcflush(int fd, int queue); /* of output nothing is forgotten: it has been handed on */
int tcflow(int fd, int action); /* holding output ends with the shell's next prompt at the latest */
speed_t cfgetispeed(const struct termios *settings);
speed_t cfgetospeed(const struct termios *settings);
int cfsetispeed(struct termios *settings, speed_t speed);
int cfsetospeed(struct termios *settings, speed_t speed);
void cfmakeraw(struct termios *settings);

#ifdef __cplusplus
}
#endif
#endif
