/* SPDX-License-Identifier: MIT */
/*
 * The names, in order of path. A name that a process has registered ends with its port: it is taken
 * out when it is next met. (What root registers stays, so that who calls it learns EDEAD.)
 */
#ifndef NAMES_CONTEXT_H
#define NAMES_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "names.h" /* generated from names.idl */

struct entry {
    char *path;
    uint32_t portal; /* slot */
    uint32_t port;   /* the kernel's id of the port it leads to */
    uint32_t order;  /* of registration, from 1 on: a port goes by the first of its names */
    bool mortal;     /* a process's */
};

/* Takes all names of dead ports out. */
void context_bury(void);

/* How many there are, without those of dead ports. */
uint32_t context_count(void);
const struct entry *context_at(uint32_t index);

/* NULL: there is none. What it returns is good until the next change. */
const struct entry *context_find(const char *path);

/* The longest name in whole components that `path` begins with. */
const struct entry *context_resolve(const char *path);

/* How many names of processes there are: for one port; port 0: for all. */
uint32_t context_count_mortal(uint32_t port);

/* The portal becomes the context's. 0 or -ENOMEM. */
int context_add(const char *path, uint32_t portal, uint32_t port, bool mortal);
void context_remove(const char *path);

/* The name of a port; NULL: none. */
const struct entry *context_port(uint32_t port);

/* The first entry in order of registration behind `order` with a component directly below `path`
   that no earlier one has; NULL: none. */
const struct entry *context_child(const char *path, uint32_t order);

/* The component of an entry below `path` (which may be ""): where it begins, and its length. */
const char *context_component(const struct entry *entry, const char *path, uint32_t *length);

#endif
