/* SPDX-License-Identifier: MIT */
/* Commands that read the files they are given, or what comes in. */
#ifndef PROGRAMS_STREAM_H
#define PROGRAMS_STREAM_H

#include <stdio.h>

/* Calls `work` for each file ("-" and no files at all mean the input); its name is NULL then. Says
   what cannot be opened or read. The worst status. */
int stream_each(const char *command, char *paths[], int (*work)(FILE *file, const char *name));

/* Opens a file or, for "-", the input; says so and returns NULL if that fails. */
FILE *stream_open(const char *command, const char *path);
void stream_close(FILE *file);

/* To be called last: whether all output was written. Adds to a status. */
int stream_finish(const char *command, int status);

/* A path and a name in one string, to be freed; ends the program if there is no memory. */
char *stream_join(const char *path, const char *name);

#endif
