/* SPDX-License-Identifier: MIT */
/* Handle tables: flat, at a fixed kernel address in every space, grown by pages. */
#ifndef HANDLE_H
#define HANDLE_H

#include "object.h"

/* The entry of a handle that is in use; NULL: out of range or unused. */
struct entry *handle_find(struct space *space, uint32_t handle);

/* The next that can be in use: those without a page are passed by together. */
uint32_t handle_next(const struct space *space, uint32_t handle);

/* The object behind a handle of the current space. On failure sets *error (-EBADF, -EPERM, -EDEAD)
   and returns NULL. type NONE: any. */
struct entry *handle_get(uint32_t handle, enum iris_object_type type, uint8_t rights, int *error);

/* The unused entry for a slot, its page allocated if `allocate`. NULL sets *error: -EINVAL (range),
   -EEXIST (in use), -ENOMEM, SYS_RESTART (the page was just made). */
struct entry *handle_slot(struct space *space, uint32_t slot, bool allocate, int *error);

/* Empties an entry with all that follows: REPLY answers EDEAD, the last receiver kills the port,
   the last client queues DISCONNECT. False: the object needs more steps, call again. */
bool handle_drop(struct entry *entry);

/* A fresh object's first handle, in an unused entry of a space. */
void handle_new(struct space *space, struct entry *entry, struct object *object, uint8_t rights);

/* For handle_identify and space_inspect; `shown`: a port the asker receives at, or NULL. */
void handle_info(const struct entry *entry, uint32_t slot, const struct port *shown,
                 struct iris_handle_info *info);

/* A handle argument that may be 0, meaning the current space. */
struct space *handle_space(uint32_t handle, uint8_t rights, int *error);

#endif
