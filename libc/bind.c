/* SPDX-License-Identifier: MIT */
/*
 * Binding a program to the vDSO.
 *
 * Runs before anything else of the program: it calls nothing outside this file and uses no
 * writable data of its own. The shared object is mapped read-only, so the addresses in its dynamic
 * section are as the linker left them: `bias` has to be added to each.
 */
#include <stddef.h>

#include "bind.h"

/* What the dynamic section of one ELF image says, as addresses that can be used. */
struct image {
    uint32_t bias;
    const struct elf32_symbol *symbols;
    const char *strings;
    const uint16_t *versions; /* one per symbol, or 0 */
    const uint32_t *gnu_hash;
    const struct elf32_verdef *definitions;
    const struct elf32_verneed *needs;
    const struct elf32_relocation *relocations, *plt_relocations;
    uint32_t relocations_size, plt_relocations_size; /* bytes */
};

static int same_string(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static const void *at(uint32_t address) { return (const void *)(uintptr_t)address; }

static void image_read(struct image *image, const struct elf32_dynamic *dynamic, uint32_t bias)
{
    /* No "= {0}": the compiler would call memset, which need not be bound yet. */
    volatile uint8_t *byte = (volatile uint8_t *)image;
    for (unsigned i = 0; i < sizeof *image; i++)
        byte[i] = 0;
    image->bias = bias;
    for (; dynamic->tag != ELF_DT_NULL; dynamic++) {
        uint32_t value = dynamic->value;
        switch (dynamic->tag) {
        case ELF_DT_SYMTAB:
            image->symbols = at(value + bias);
            break;
        case ELF_DT_STRTAB:
            image->strings = at(value + bias);
            break;
        case ELF_DT_VERSYM:
            image->versions = at(value + bias);
            break;
        case ELF_DT_GNU_HASH:
            image->gnu_hash = at(value + bias);
            break;
        case ELF_DT_VERDEF:
            image->definitions = at(value + bias);
            break;
        case ELF_DT_VERNEED:
            image->needs = at(value + bias);
            break;
        case ELF_DT_REL:
            image->relocations = at(value + bias);
            break;
        case ELF_DT_RELSZ:
            image->relocations_size = value;
            break;
        case ELF_DT_JMPREL:
            image->plt_relocations = at(value + bias);
            break;
        case ELF_DT_PLTRELSZ:
            image->plt_relocations_size = value;
            break;
        default:
            break;
        }
    }
}

/* Fills in *image for a mapped shared object; 0 if it has no dynamic section. */
static int image_read_object(struct image *image, const struct elf32_header *object)
{
    const struct elf32_program_header *header = at((uint32_t)(uintptr_t)object + object->phoff);
    const struct elf32_program_header *dynamic = NULL, *first_load = NULL;
    for (unsigned i = 0; i < object->phnum; i++) {
        if (header[i].type == ELF_PT_DYNAMIC)
            dynamic = &header[i];
        if (header[i].type == ELF_PT_LOAD && first_load == NULL)
            first_load = &header[i];
    }
    if (dynamic == NULL || first_load == NULL)
        return 0;
    uint32_t bias = (uint32_t)(uintptr_t)object - (first_load->vaddr - first_load->offset);
    image_read(image, at(dynamic->vaddr + bias), bias);
    return image->symbols != NULL && image->strings != NULL && image->gnu_hash != NULL;
}

static uint32_t gnu_hash(const char *name)
{
    uint32_t hash = 5381;
    for (; *name != '\0'; name++)
        hash = hash * 33 + (uint8_t)*name;
    return hash;
}

/* The name of version `index` as the object defines it, "" for none. */
static const char *version_defined(const struct image *object, unsigned index)
{
    const struct elf32_verdef *definition = object->definitions;
    while (definition != NULL) {
        if ((definition->index & ELF_VERSYM_INDEX) == index) {
            const struct elf32_verdaux *aux = at((uint32_t)(uintptr_t)definition + definition->aux);
            return object->strings + aux->name;
        }
        if (definition->next == 0)
            break;
        definition = at((uint32_t)(uintptr_t)definition + definition->next);
    }
    return "";
}

/* The name of version `index` as the program needs it, "" for none. */
static const char *version_needed(const struct image *program, unsigned index)
{
    const struct elf32_verneed *need = program->needs;
    while (need != NULL) {
        const struct elf32_vernaux *aux = at((uint32_t)(uintptr_t)need + need->aux);
        for (unsigned i = 0; i < need->count; i++) {
            if (aux->other == index)
                return program->strings + aux->name;
            aux = at((uint32_t)(uintptr_t)aux + aux->next);
        }
        if (need->next == 0)
            break;
        need = at((uint32_t)(uintptr_t)need + need->next);
    }
    return "";
}

static int version_matches(const struct image *object, uint32_t symbol, const char *version)
{
    if (object->versions == NULL)
        return *version == '\0';
    uint16_t entry = object->versions[symbol];
    if (*version == '\0')
        return !(entry & ELF_VERSYM_HIDDEN);
    unsigned index = entry & ELF_VERSYM_INDEX;
    return index >= ELF_VER_FIRST_NAMED && same_string(version_defined(object, index), version);
}

/* In a section of the object: the absolute symbols that stand for the versions are no addresses. */
static int is_defined(const struct elf32_symbol *symbol)
{
    return symbol->section != ELF_SHN_UNDEF && symbol->section < ELF_SHN_RESERVED;
}

/* Look-up through .gnu.hash: a Bloom filter, buckets, and chains whose last hash is odd. */
static const struct elf32_symbol *object_symbol(const struct image *object, const char *name,
                                                const char *version)
{
    const uint32_t *table = object->gnu_hash;
    uint32_t buckets_count = table[0], first = table[1], bloom_size = table[2], shift = table[3];
    const uint32_t *bloom = table + 4;
    const uint32_t *buckets = bloom + bloom_size;
    const uint32_t *chains = buckets + buckets_count;
    uint32_t hash = gnu_hash(name);

    if (buckets_count == 0 || bloom_size == 0)
        return NULL;
    uint32_t word = bloom[(hash / 32) % bloom_size];
    if (!(word >> (hash % 32) & word >> ((hash >> shift) % 32) & 1))
        return NULL;
    uint32_t i = buckets[hash % buckets_count];
    if (i < first)
        return NULL;
    for (;; i++) {
        uint32_t chain = chains[i - first];
        const struct elf32_symbol *symbol = &object->symbols[i];
        if ((chain | 1) == (hash | 1) && is_defined(symbol) &&
            same_string(object->strings + symbol->name, name) &&
            version_matches(object, i, version))
            return symbol;
        if (chain & 1)
            return NULL;
    }
}

uint32_t bind_symbol(const struct elf32_header *object, const char *name, const char *version)
{
    struct image image;
    if (!image_read_object(&image, object))
        return 0;
    const struct elf32_symbol *symbol = object_symbol(&image, name, version);
    return symbol == NULL ? 0 : symbol->value + image.bias;
}

static void note_failure(struct bind_failure *failure, const char *symbol, const char *version,
                         uint32_t relocation)
{
    if (failure->count++ != 0)
        return;
    failure->symbol = symbol;
    failure->version = version;
    failure->relocation = relocation;
}

/* The address symbol number `index` of the program stands for. */
static uint32_t resolve(const struct image *program, const struct image *object, uint32_t index,
                        uint32_t trap, struct bind_failure *failure)
{
    const struct elf32_symbol *symbol = &program->symbols[index];
    if (index == 0 || symbol->section != ELF_SHN_UNDEF)
        return symbol->value;
    const char *name = program->strings + symbol->name;
    unsigned version_index =
        program->versions == NULL ? 0 : program->versions[index] & ELF_VERSYM_INDEX;
    const char *version =
        version_index >= ELF_VER_FIRST_NAMED ? version_needed(program, version_index) : "";
    const struct elf32_symbol *found = object_symbol(object, name, version);
    if (found != NULL)
        return found->value + object->bias;
    if (symbol->info >> 4 == ELF_STB_WEAK)
        return 0;
    note_failure(failure, name, version, 0);
    return trap;
}

static void relocate(const struct image *program, const struct image *object,
                     const struct elf32_relocation *relocation, uint32_t trap,
                     struct bind_failure *failure)
{
    uint32_t *where = (uint32_t *)(uintptr_t)(relocation->offset + program->bias);
    uint32_t type = relocation->info & 0xff, symbol = relocation->info >> 8;
    switch (type) {
    case ELF_R_386_NONE:
        break;
    case ELF_R_386_GLOB_DAT:
    case ELF_R_386_JMP_SLOT:
        *where = resolve(program, object, symbol, trap, failure);
        break;
    case ELF_R_386_32:
        *where += resolve(program, object, symbol, trap, failure);
        break;
    case ELF_R_386_RELATIVE:
        *where += program->bias;
        break;
    default: /* COPY would need the vDSO to have data; TLS relocations cannot come from it */
        note_failure(failure, program->strings + program->symbols[symbol].name, "", type);
        break;
    }
}

int bind_program(const struct elf32_dynamic *dynamic, const struct elf32_header *object_header,
                 uint32_t trap, struct bind_failure *failure)
{
    struct image program, object;
    failure->symbol = NULL;
    failure->version = "";
    failure->relocation = 0;
    failure->count = 0;
    image_read(&program, dynamic, 0);
    if (!image_read_object(&object, object_header)) {
        note_failure(failure, "the dynamic section", "", 0);
        return -1;
    }
    uint32_t count = program.relocations_size / sizeof *program.relocations;
    for (uint32_t i = 0; i < count; i++)
        relocate(&program, &object, &program.relocations[i], trap, failure);
    count = program.plt_relocations_size / sizeof *program.plt_relocations;
    for (uint32_t i = 0; i < count; i++)
        relocate(&program, &object, &program.plt_relocations[i], trap, failure);
    return failure->count == 0 ? 0 : -1;
}
