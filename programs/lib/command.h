/* SPDX-License-Identifier: MIT */
/* What commands have in common: how they complain. */
#ifndef PROGRAMS_COMMAND_H
#define PROGRAMS_COMMAND_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <iris/error.h>
#include <iris/object.h>

#include "names.h"

enum { COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

/* "usage: NAME ARGUMENTS"; the status of bad arguments. */
static inline int command_usage(const char *name, const char *arguments)
{
    fprintf(stderr, "usage: %s%s%s\n", name, *arguments != '\0' ? " " : "", arguments);
    return COMMAND_USAGE;
}

/* What a negative error number means. strerror knows those of POSIX, the list of Iris the rest. */
static inline const char *command_error_text(int error)
{
    const char *text = iris_error_text(error);
    return text != NULL ? text : strerror(error < 0 ? -error : error);
}

static inline int command_failed(const char *name, const char *what, int error)
{
    fprintf(stderr, "%s: %s: %s\n", name, what, command_error_text(error));
    return COMMAND_FAILED;
}

/* Looks a service up, or complains; 0 or COMMAND_FAILED. */
static inline int command_service(const char *name, const char *path, uint32_t *portal)
{
    int error = names_lookup(IRIS_SLOT_NAMES, path, portal);
    return error == 0 ? 0 : command_failed(name, path, error);
}

#endif
