/* SPDX-License-Identifier: MIT */
/* Finding a note in an ELF file (ELF specification, "Note Section"). Nothing in the file is
   trusted. */
#ifndef SHELL_NOTE_H
#define SHELL_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct note_place {
    uint32_t offset, size; /* in the file */
};

/* Finds the notes by the program headers, from the file's first bytes. */
bool note_locate(const uint8_t *file, size_t size, struct note_place *place);

/* Finds the note of a name and type among notes and copies its text; false if there is none. */
bool note_text(const uint8_t *notes, size_t size, const char *name, uint32_t type, char *text,
               size_t text_size);

#endif
