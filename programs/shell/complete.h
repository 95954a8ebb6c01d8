/* SPDX-License-Identifier: MIT */
/* Tab completion: which word the cursor is behind, and what all candidates for it have in common.
   Where candidates come from is the owner's business. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#define COMPLETE_NAME 100      /* longest name of a candidate */
#define COMPLETE_DIRECTORY 160 /* longest path in front of it */
#define COMPLETE_LIST 4096

struct completion {
    bool is_command; /* first word of a command, without a slash; else a path */
    char directory[COMPLETE_DIRECTORY + 1]; /* of a path: up to the last slash, that included */
    char prefix[COMPLETE_NAME + 1];         /* what candidates must begin with */
    size_t prefix_length;

    size_t count;                   /* candidates so far, each name once */
    char common[COMPLETE_NAME + 2]; /* what all have in common, the prefix included; with a single
                                       candidate a slash or blank behind it */
    char list[COMPLETE_LIST]; /* candidates, each with its zero byte, sorted; then an empty one */
    size_t list_used;
};

/* Looks at the word before the cursor; false if it is too long to be completed. */
bool complete_begin(struct completion *completion, const char *line, size_t cursor);

/* Offers a name; it counts if it begins with the prefix. */
void complete_offer(struct completion *completion, const char *name, bool is_directory);

/* What to insert at the cursor ("" if nothing is certain). */
const char *complete_insertion(const struct completion *completion);

#endif
