/* SPDX-License-Identifier: MIT */
/* Options of commands: single letters, as getopt has them, and --help. */
#ifndef PROGRAMS_OPTIONS_H
#define PROGRAMS_OPTIONS_H

/* What is said about bad arguments: "usage: NAME ARGUMENTS". */
struct options {
    const char *name, *arguments;
    const char *letters; /* of getopt */
};

/* The next option's letter (its argument in optarg), or 0: what follows begins at argv[optind].
   Ends the program for --help, and for an option that is none. */
int options_next(const struct options *options, int argc, char *argv[]);

/* Bad arguments: says what is right and ends the program. */
void options_refuse(const struct options *options) __attribute__((noreturn));

/* A number from `low` to `high`, or options_refuse. */
long options_number(const struct options *options, const char *text, long low, long high);

#endif
