/* SPDX-License-Identifier: MIT */
/* A kernel for one process: a client's and a server's UTCB, one handle table, copying buffers. */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "server.h"

#define FAKE_PORTAL 20 /* slot of the portal to the server */

/* Binds the server, fills FAKE_PORTAL. */
void fake_start(const struct iris_server *server);

/* The message as the server gets it; the UTCB words beyond it hold `garbage` and must not be read:
   they are poisoned until an implementation has been entered. `handles` bit i: handle i arrived. */
bool fake_serve(struct iris_request *rq, const uint32_t words[64], uint32_t handles,
                uint32_t garbage);

/* To be the `entered` of struct echo. */
void fake_entered(void);

/* In the next `count` calls a page of the client's buffers is missing. */
void fake_lose_pages(unsigned count);

/* Every call is answered by this instead of by the server; NULL: by the server again. `handles`
   handles come along. */
void fake_answer(const uint32_t *tag_and_words, unsigned handles);

/* What the server answers later: called when a caller was kept. */
extern void (*fake_later)(void);

/* Runs as the server, for answers of its own accord. */
void fake_as_server(void (*function)(void));

/* Filled slots of the handle table. */
unsigned fake_handles(void);

/* Puts a handle to a new object into a slot. */
void fake_object(uint32_t slot, uint32_t rights);

/* The client dies while its call is served: answers go nowhere. */
void fake_client_dies(bool dies);

/* The words the server has left in its UTCB. */
const uint32_t *fake_server_words(void);

#endif
