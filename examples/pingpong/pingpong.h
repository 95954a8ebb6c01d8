/* SPDX-License-Identifier: MIT */
#ifndef PINGPONG_H
#define PINGPONG_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/ipc.h>

#define CLIENT_OPTION "--client"

/* Labels of the protocol. */
enum {
    LABEL_PING = 1, /* any words; answered with the same words, each complemented */
    LABEL_DONE = 2, /* words: round trips, wrong answers, ns (low, high): the client's tally */
};

/* What one side counted. */
struct tally {
    uint32_t round_trips, bad;
    uint64_t nanoseconds;
};

/* ---- message.c ---- */

/* Fills a message of `words` words that differ from one round to the next. */
void message_fill(struct iris_message *m, uint32_t label, unsigned words, uint32_t seed);

/* Word `index` of the message just received or to be sent: the first three are in registers. */
uint32_t message_word(const struct iris_message *m, unsigned index);
void message_set_word(struct iris_message *m, unsigned index, uint32_t value);

/* Whether the words are those of message_fill, each complemented if `complemented`. */
bool message_matches(const struct iris_message *m, unsigned words, uint32_t seed,
                     bool complemented);

/* ---- client.c ---- */

/* Calls `portal` with every length, `rounds` times, and at the end tells the tally. Uses neither
   memory nor the C library: it also runs on a bare thread. 0 or a negative error number. */
int client_run(uint32_t portal, uint32_t rounds);

/* The client as a process of its own: the portal is in the place of its standard input. */
int client_process(uint32_t rounds);

/* ---- server.c ---- */

/* Each starts a client and serves it; 0 or a negative error number. */
int server_with_thread(uint32_t rounds, struct tally *tally);
int server_with_process(uint32_t rounds, struct tally *tally);

#endif
