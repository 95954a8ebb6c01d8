/* SPDX-License-Identifier: MIT */
/* The client of types.idl: round trips of every type, boundary values, what must be refused. */
#ifndef CHECKS_H
#define CHECKS_H

#include <stdint.h>

/* All checks that need nothing but a portal to the echo server. Reports by test.h. */
void check_types(uint32_t to);

/* Handles: `port` is one with all rights that may be sent around and comes back. */
void check_handles(uint32_t to, uint32_t port);

/* In, out and inout buffers, fresh pages among them. */
void check_buffers(uint32_t to);

#endif
