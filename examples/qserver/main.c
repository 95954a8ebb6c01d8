/* SPDX-License-Identifier: MIT */
/*
 * A server in QNX's style: a channel under a name, messages that begin with their type, pulses.
 * Only the line for `help` is Iris' own. `qserver serve &`, then `qserver TEXT`, at last `qserver
 * -q`.
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>

#include <iris/summary.h>

IRIS_SUMMARY("turn text round, in a server of QNX's style: serve | TEXT | -q");

#define NAME "qserver"
#define TEXT_MAX 200
#define PULSE_QUIT (_PULSE_CODE_MINAVAIL + 1)

enum { MESSAGE_REVERSE = 0x200 }; /* above those of the system */

struct message {
    uint16_t type, length;
    char text[TEXT_MAX];
};

/* ---- The server ---- */

static void answer(int rcvid, const struct message *message, int received)
{
    char text[TEXT_MAX];
    int length = message->length;

    if (message->type == _IO_CONNECT) {
        MsgReply(rcvid, EOK, NULL, 0); /* name_open asks whether it may */
    } else if (message->type != MESSAGE_REVERSE) {
        MsgError(rcvid, ENOSYS);
    } else if (length > TEXT_MAX || received < 4 + length) {
        MsgError(rcvid, EBADMSG);
    } else {
        for (int i = 0; i < length; i++)
            text[i] = message->text[length - 1 - i];
        MsgReply(rcvid, length, text, (size_t)length);
    }
}

static int serve(void)
{
    name_attach_t *attach = name_attach(NULL, NAME, 0);
    union {
        struct _pulse pulse;
        struct message message;
    } got;
    struct _msg_info info;

    if (attach == NULL)
        return -1;
    puts("qserver: serving");
    for (;;) {
        int rcvid = MsgReceive(attach->chid, &got, sizeof got, &info);
        if (rcvid > 0)
            answer(rcvid, &got.message, info.msglen);
        else if (rcvid == 0 && got.pulse.code == PULSE_QUIT)
            break;
        else if (rcvid == 0 && got.pulse.code == _PULSE_CODE_DISCONNECT)
            ConnectDetach(got.pulse.scoid);
        else if (rcvid < 0)
            break;
    }
    return name_detach(attach, 0);
}

/* ---- The client ---- */

static int ask(int server, const char *text)
{
    struct message message = {.type = MESSAGE_REVERSE, .length = (uint16_t)strlen(text)};
    char reply[TEXT_MAX];

    if (strlen(text) > TEXT_MAX) {
        errno = EMSGSIZE;
        return -1;
    }
    memcpy(message.text, text, message.length);
    int length = MsgSend(server, &message, 4u + message.length, reply, sizeof reply);
    if (length >= 0)
        printf("%.*s\n", length, reply);
    return length;
}

static int client(const char *text)
{
    int server = name_open(NAME, 0), result;

    if (server < 0)
        return -1;
    if (strcmp(text, "-q") == 0)
        result = MsgSendPulse(server, -1, PULSE_QUIT, 0);
    else
        result = ask(server, text);
    name_close(server);
    return result;
}

int main(int argc, char *argv[])
{
    if (argc != 2)
        return 2;
    int result = strcmp(argv[1], "serve") == 0 ? serve() : client(argv[1]);
    if (result < 0)
        fprintf(stderr, "qserver: %s\n", strerror(errno));
    return result < 0 ? 1 : 0;
}
