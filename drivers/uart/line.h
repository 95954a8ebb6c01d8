/* SPDX-License-Identifier: MIT */
/*
 * The line: the 16550, a queue each way, and a thread of its own that moves bytes between them when
 * an interrupt says so. The server works at its callers' priority, so that others may be in its
 * way for longer than the device's 16 bytes of patience (1.4 ms at 115200 baud); this thread serves
 * nobody and keeps its own. It alone takes from `sending` and puts into `received`.
 */
#ifndef UART_LINE_H
#define UART_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "ring.h"

/* Notifications to the server. */
#define LINE_INPUT 1u /* something was received */
#define LINE_ROOM 2u  /* half of `sending` is free; after line_want_room */
#define LINE_SENT 4u  /* all was sent but what is in the FIFO; after line_want_end */

extern struct line {
    struct ring received, sending;
} line;

/* `server`: portal to be told through. 0 or a negative error number. */
int line_start(uint32_t server);

/* After bytes were put into `sending`. */
void line_send(void);

/* Has LINE_ROOM sent. False: there is room already, nothing will be sent. */
bool line_want_room(void);

/* Has LINE_SENT sent. */
void line_want_end(void);

/* Until the shift register is empty. */
void line_wait_for_last_byte(void);

#endif
