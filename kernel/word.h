/* SPDX-License-Identifier: MIT */
/*
 * Sleeping on words. A sleeping thread has a node for each of its words: in one tree ordered by
 * physical address, priority and arrival, and in a list of the mapping it sees the word through.
 * So a wake-up finds the right thread, and an unmapping just those it concerns, in bounded time.
 */
#ifndef WORD_H
#define WORD_H

#include "tree.h"

struct thread;
struct mapping;

struct word_node {
    struct tree_node tree;
    struct word_node *next, **link; /* mapping->sleepers; *link is this */
};

/* Its nodes leave tree and mappings: it is woken, or its wait ends otherwise. */
void word_leave(struct thread *thread);
/* Wakes one that sleeps through this mapping, with EAGAIN. */
void word_unmapped(struct mapping *mapping);

bool word_is_sound(const struct thread *thread); /* for the audit */

#endif
