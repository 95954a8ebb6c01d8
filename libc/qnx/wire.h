/* SPDX-License-Identifier: MIT */
/*
 * How MsgSend looks as a message of Iris. What is sent and where the reply goes are buffers: those
 * to be read first, then those to be written. The words say what the buffers cannot.
 */
#ifndef QNX_WIRE_H
#define QNX_WIRE_H

#include <stdint.h>

/* Labels, in a group of their own (servers/lib/stub.h). */
#define WIRE_MESSAGE 0x7401u /* to a channel's port */
/* To the port of the server's layer: the call with this token came to its end at the client, which
   waits with this one instead. The same words and buffers. */
#define WIRE_UNBLOCK 0x7402u

enum wire_word {
    WIRE_TOKEN,   /* names the call among those of its client */
    WIRE_SOURCES, /* how many buffers are to be read */
    WIRE_THREAD,  /* of the client, as are the next two: its own word for it */
    WIRE_COID,
    WIRE_PRIORITY,
    WIRE_LENGTH, /* bytes of each buffer */
    WIRE_WORDS = WIRE_LENGTH + 4,
};

/* Labels of answers. */
#define WIRE_REPLY 0u /* word 0: the status for MsgSend to return; word 1: bytes written */
#define WIRE_ERROR 1u /* word 0: the error number */
#define WIRE_FAULT 2u /* a page of the client's buffers is not there: nothing has happened */

#endif
