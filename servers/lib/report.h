/* SPDX-License-Identifier: MIT */
/* The report of a program's fault: what, registers, and a backtrace with the program's own symbols.
 */
#ifndef IRIS_LIB_REPORT_H
#define IRIS_LIB_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct iris_message;
struct iris_exception;

struct report {
    const char *name;
    uint32_t pid;
    const struct iris_exception *exception;
    const void *file; /* the program's ELF file, NULL: no symbols */
    uint32_t file_size;
    void *context; /* given to the functions */
    /* Reads the program's memory; false: not there. */
    bool (*read)(void *context, uint32_t address, void *data, uint32_t size);
    /* Prints a line, which has no newline. */
    void (*print)(void *context, const char *line);
};

void report_fault(const struct report *report);

/* The words of an IRIS_FAULT_EXCEPTION message just received, put together. */
void report_take_exception(const struct iris_message *m, struct iris_exception *exception);

#endif
