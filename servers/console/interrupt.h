/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C and its like. Signalling the foreground group is a call to the process service, which may
 * at that moment be waiting, by way of the log, for this console. So a second thread makes it, and
 * the console itself never waits for anybody but the serial driver.
 */
#ifndef CONSOLE_INTERRUPT_H
#define CONSOLE_INTERRUPT_H

#include <stdint.h>

int interrupt_start(void);

/* Whom the terminal signals from now on: a group, and the slot of its process_group portal, which
   is now owned; 0: nobody. */
void interrupt_set_foreground(uint32_t group, uint32_t signals);
uint32_t interrupt_group(void);

void interrupt_foreground(uint32_t signal);

#endif
