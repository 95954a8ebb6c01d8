/* SPDX-License-Identifier: MIT */
/*
 * Reading the boot archive: a ustar tar whose first entry `manifest` has one line
 * `SUM SUM SIZE NAME` for each other file (harness/iris_harness/image.py makes it). The data of
 * files begins on page boundaries. Portable and suspicious: tests/host feeds it damaged archives.
 */
#ifndef IRIS_LIB_TAR_H
#define IRIS_LIB_TAR_H

#include <stdbool.h>
#include <stdint.h>

#define TAR_NAME_MAX 100
#define TAR_MANIFEST "manifest"
#define TAR_PAD ".pad" /* entries of this name only fill gaps */

struct tar {
    const uint8_t *data;
    uint32_t size;
};

struct tar_file {
    char name[TAR_NAME_MAX + 1];
    uint32_t offset; /* of its data in the archive */
    uint32_t size;
    uint32_t mode;
    uint32_t modified; /* seconds since 1970 */
};

/*
 * The entry at *cursor (0 at first), which moves on. 1: `file` is filled; 0: the end; -1: what is
 * there is not a tar entry. Padding entries are passed over.
 */
int tar_next(const struct tar *tar, uint32_t *cursor, struct tar_file *file);

/* Finds a file by its exact name. */
bool tar_find(const struct tar *tar, const char *name, struct tar_file *file);

/*
 * Compares all files with the manifest. Returns the number of files, or -1 with a sentence in
 * `message` that names the file that is missing or damaged.
 */
int tar_verify(const struct tar *tar, char *message, uint32_t message_size);

/*
 * The sum of the words of a file (32 bits, low byte first, the last one filled up with zeroes)
 * modulo 2^32, and the sum of all those sums on the way, in 64 bits: a Fletcher checksum, three
 * instructions a word.
 */
struct tar_sums {
    uint32_t first;
    uint64_t second;
};
struct tar_sums tar_checksum(const void *data, uint32_t size);

#endif
