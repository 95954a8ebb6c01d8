/* SPDX-License-Identifier: MIT */
/* start_print in a file of its own: a program that brings another one does not get this. */
#include <string.h>

#include <iris/object.h>

#include "file.h"
#include "libc.h"
#include "log.h"

/* To the standard error portal if there is one, else to the log. Errors: nobody is left to tell. */
void start_print(const char *message)
{
    uint32_t done;
    if (file_write(IRIS_SLOT_STDERR, message, (uint32_t)strlen(message), &done) == 0)
        file_write(IRIS_SLOT_STDERR, "\n", 1, &done);
    else
        log_write(IRIS_SLOT_LOG, LOG_LEVEL_ERROR, message);
}
