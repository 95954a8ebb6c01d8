/* SPDX-License-Identifier: MIT */
/* Row 14: the vDSO as an ELF shared object that a program can read by itself: dynamic section,
   hash, symbols, versions (System V gABI chapter 5; GNU symbol versioning). */
#include "t_page.h"

#include <string.h>

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct program_header {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
struct dynamic {
    int32_t tag;
    uint32_t value;
};
struct symbol {
    uint32_t name, value, size;
    uint8_t info, other;
    uint16_t section;
};
struct verdef {
    uint16_t version, flags, index, count;
    uint32_t hash, aux, next;
};
enum {
    PT_LOAD = 1,
    PT_DYNAMIC = 2,
    PT_GNU_EH_FRAME = 0x6474e550,
    DT_STRTAB = 5,
    DT_SYMTAB = 6,
    DT_SONAME = 14,
    DT_GNU_HASH = 0x6ffffef5,
    DT_VERSYM = 0x6ffffff0,
    DT_VERDEF = 0x6ffffffc,
};

static struct object {
    const uint8_t *base;
    const char *strings;
    const struct symbol *symbols;
    const uint32_t *hash;
    const uint16_t *versions;
    const uint8_t *definitions;
    const char *soname;
} object;

/* ---- Reading it ---- */

static void take(const struct dynamic *d)
{
    const uint8_t *at = object.base + d->value;

    switch ((uint32_t)d->tag) {
    case DT_STRTAB:
        object.strings = (const char *)at;
        break;
    case DT_SYMTAB:
        object.symbols = (const void *)at;
        break;
    case DT_GNU_HASH:
        object.hash = (const void *)at;
        break;
    case DT_VERSYM:
        object.versions = (const void *)at;
        break;
    case DT_VERDEF:
        object.definitions = at;
        break;
    default:
        break;
    }
}

static bool open_object(const uint8_t *image)
{
    const struct elf_header *elf = (const void *)image;
    const struct program_header *header = (const void *)(image + elf->phoff);
    const struct dynamic *dynamic = NULL;
    bool unwind = false;

    object.base = image;
    if (memcmp(elf->ident, "\177ELF\1\1\1", 7) != 0 || elf->type != 3 || elf->machine != 3)
        return false;
    for (unsigned i = 0; i < elf->phnum; i++) {
        if (header[i].type == PT_DYNAMIC)
            dynamic = (const void *)(image + header[i].vaddr);
        unwind = unwind || header[i].type == PT_GNU_EH_FRAME;
    }
    for (const struct dynamic *d = dynamic; d && d->tag != 0; d++)
        take(d);
    for (const struct dynamic *d = dynamic; d && d->tag != 0; d++)
        if (d->tag == DT_SONAME)
            object.soname = object.strings + d->value;
    return unwind && object.strings && object.symbols && object.hash && object.versions &&
           object.definitions && object.soname;
}

/* ---- Looking up ---- */

static uint32_t gnu_hash(const char *name)
{
    uint32_t hash = 5381;
    while (*name)
        hash = hash * 33 + (uint8_t)*name++;
    return hash;
}

static bool has_version(uint32_t index, const char *version)
{
    const uint8_t *at = object.definitions;

    for (;;) {
        const struct verdef *definition = (const void *)at;
        const uint32_t *aux = (const void *)(at + definition->aux);
        if (definition->index == (object.versions[index] & 0x7fff))
            return strcmp(object.strings + aux[0], version) == 0;
        if (definition->next == 0)
            return false;
        at += definition->next;
    }
}

/* By bucket and chain of .gnu.hash. */
static uint32_t look_up(const char *name, const char *version)
{
    uint32_t buckets = object.hash[0], first = object.hash[1], bloom = object.hash[2];
    const uint32_t *bucket = object.hash + 4 + bloom, *chain = bucket + buckets;
    uint32_t hash = gnu_hash(name), i = bucket[hash % buckets];

    if (i < first)
        return 0;
    for (;; i++) {
        uint32_t found = chain[i - first];
        if ((found | 1) == (hash | 1) &&
            strcmp(object.strings + object.symbols[i].name, name) == 0 && has_version(i, version))
            return (uint32_t)object.base + object.symbols[i].value;
        if (found & 1)
            return 0;
    }
}

void test_symbols(const uint8_t *image)
{
    static const char *const names[] = {"iris_clock_realtime", "iris_thread_id", "iris_page_size",
#define CALL_NAME(number, name, count) "iris_" name,
                                        IRIS_CALLS(CALL_NAME)
#undef CALL_NAME
    };
    unsigned missing = 0;

    if (!TEST_CHECK(image != NULL && open_object(image), "AT_SYSINFO_EHDR leads to an ELF object"))
        return;
    TEST_CHECK(strcmp(object.soname, "iris-vdso.so.1") == 0, "named iris-vdso.so.1");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        missing += look_up(names[i], "IRIS_1.0") == 0;
    TEST_EQUAL(missing, 0, "every call is found by name and version");
    uint32_t clock = look_up("iris_clock_monotonic", "IRIS_1.0");
    TEST_CHECK(clock == (uint32_t)iris_clock_monotonic, "at the address start-up bound it to");
    uint64_t (*read)(void) = (uint64_t(*)(void))clock;
    uint64_t before = iris_clock_monotonic();
    TEST_CHECK(clock != 0 && read() >= before, "and can be called there");
    TEST_CHECK(look_up("iris_ipc", "IRIS_1.0") == (uint32_t)iris_ipc, "so is the door of IPC");
    TEST_EQUAL(look_up("iris_ipc", "IRIS_9.9"), 0, "another version is not there");
    TEST_EQUAL(look_up("iris_no_such_call", "IRIS_1.0"), 0, "nor another name");
}
