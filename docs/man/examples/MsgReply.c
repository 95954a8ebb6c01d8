/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <sys/neutrino.h>

/* Answers in pieces: a message of any length, in capitals. */
void capitals(int rcvid, size_t length)
{
    char piece[64];
    ssize_t got;

    for (size_t at = 0; at < length; at += (size_t)got) {
        if ((got = MsgRead(rcvid, piece, sizeof piece, at)) <= 0)
            break;
        for (ssize_t i = 0; i < got; i++)
            piece[i] = (char)toupper((unsigned char)piece[i]);
        if (MsgWrite(rcvid, piece, (size_t)got, at) != got) {
            MsgError(rcvid,
                     EMSGSIZE); /* the place for the reply is too small */
            return;
        }
    }
    MsgReply(rcvid, EOK, NULL, 0); /* the bytes are there already */
}
