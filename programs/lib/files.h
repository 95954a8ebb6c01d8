/* SPDX-License-Identifier: MIT */
/* Copying and removing, of single files and of whole trees: cp, mv, rm. */
#ifndef PROGRAMS_FILES_H
#define PROGRAMS_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* All say what fails, in `command`'s name, and go on where that makes sense; COMMAND_OK or
   COMMAND_FAILED. */

/* Copies a file, or a directory with all that is in it if `deep`. */
int files_copy(const char *command, const char *from, const char *to, bool deep);

/* Removes a file, or a directory with all that is in it if `deep`; `force`: no word about what is
   not there. */
int files_remove(const char *command, const char *path, bool deep, bool force);

/* The last component of a path, without slashes behind it; to be freed. */
char *files_name(const char *path);

bool files_is_directory(const char *path);

/* What a directory has, in order of name, without "." and "..". */
struct files_list {
    struct files_entry {
        char *name;
        bool is_directory;
    } * entries;
    size_t count;
};

/* Reads it at once: some file systems do not like to be changed while they are listed. It is to be
   freed also after an error; no memory ends the program. */
int files_list(const char *command, const char *path, struct files_list *list);
void files_list_free(struct files_list *list);

/* Does `work` for each source: `sources` end before the target, which is a directory or, for a
   single source, anything. */
int files_each(const char *command, char *sources[], int count, const char *target,
               int (*work)(const char *from, const char *to));

#endif
