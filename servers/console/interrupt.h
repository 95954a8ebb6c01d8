/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C. Killing the foreground program is a call to the process service, which may at that moment
 * be waiting, by way of the log, for this console. So a second thread makes it, and the console
 * itself never waits for anybody but the serial driver.
 */
#ifndef CONSOLE_INTERRUPT_H
#define CONSOLE_INTERRUPT_H

#include <stdint.h>

int interrupt_start(void);

/* Whom Ctrl-C kills from now on: slot of a process_control portal, which is now owned; 0: nobody.
 */
void interrupt_set_foreground(uint32_t child);

void interrupt_foreground(void);

#endif
