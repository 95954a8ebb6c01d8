/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("translate, squeeze or delete characters: [-cds] SET [SET]");

/* Characters in the order they were written. */
struct set {
    unsigned char bytes[512];
    size_t count;
};

static void add(struct set *set, int byte)
{
    if (set->count < sizeof set->bytes)
        set->bytes[set->count++] = (unsigned char)byte;
}

/* [:upper:] and so on; false: it is no class. */
static bool add_class(struct set *set, const char **at)
{
    static const struct {
        const char *name;
        int (*test)(int c);
    } classes[] = {{"[:alnum:]", isalnum}, {"[:alpha:]", isalpha}, {"[:blank:]", isblank},
                   {"[:cntrl:]", iscntrl}, {"[:digit:]", isdigit}, {"[:graph:]", isgraph},
                   {"[:lower:]", islower}, {"[:print:]", isprint}, {"[:punct:]", ispunct},
                   {"[:space:]", isspace}, {"[:upper:]", isupper}, {"[:xdigit:]", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        size_t length = strlen(classes[i].name);
        if (strncmp(*at, classes[i].name, length) != 0)
            continue;
        for (int byte = 0; byte < 256; byte++)
            if (classes[i].test(byte))
                add(set, byte);
        *at += length;
        return true;
    }
    return false;
}

static int take_character(const char **at)
{
    static const char letters[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
    int value = (unsigned char)*(*at)++;
    if (value != '\\' || **at == '\0')
        return value;
    const char *letter = strchr(letters, **at);
    if (letter != NULL) {
        ++*at;
        return values[letter - letters];
    }
    if (**at < '0' || **at > '7')
        return (unsigned char)*(*at)++;
    value = 0;
    for (int digits = 0; digits < 3 && **at >= '0' && **at <= '7'; digits++)
        value = 8 * value + (*(*at)++ - '0');
    return value & 0xff;
}

/* False: a range that runs backwards. */
static bool take_set(struct set *set, const char *text)
{
    while (*text != '\0') {
        if (add_class(set, &text))
            continue;
        int low = take_character(&text), high = low;
        if (text[0] == '-' && text[1] != '\0') {
            text++;
            high = take_character(&text);
        }
        if (high < low)
            return false;
        for (; low <= high; low++)
            add(set, low);
    }
    return true;
}

static bool contains(const struct set *set, int byte)
{
    return memchr(set->bytes, byte, set->count) != NULL;
}

static void complement(struct set *set)
{
    struct set others = {.count = 0};
    for (int byte = 0; byte < 256; byte++)
        if (!contains(set, byte))
            add(&others, byte);
    *set = others;
}

/* What each byte becomes: the second set's last character goes on for ever. */
static void make_table(int table[256], const struct set *from, const struct set *to)
{
    for (int byte = 0; byte < 256; byte++)
        table[byte] = byte;
    for (size_t i = 0; i < from->count && to->count > 0; i++)
        table[from->bytes[i]] = to->bytes[i < to->count ? i : to->count - 1];
}

static void run(const int table[256], const struct set *deleted, const struct set *squeezed)
{
    int last = -1;
    for (int c; (c = getchar()) != EOF;) {
        if (contains(deleted, c))
            continue;
        c = table[c];
        if (c != last || !contains(squeezed, c))
            putchar(c);
        last = c;
    }
}

int main(int argc, char *argv[])
{
    static const struct options options = {"tr", "[-cds] SET [SET]", "cCds"};
    static struct set first, second, none;
    bool complements = false, deletes = false, squeezes = false;
    int table[256];
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        *(letter == 'd' ? &deletes : letter == 's' ? &squeezes : &complements) = true;
    int count = argc - optind;
    if (count < 1 || count > 2 || (count == 1 && !deletes && !squeezes) ||
        (count == 2 && deletes && !squeezes) || !take_set(&first, argv[optind]) ||
        (count == 2 && !take_set(&second, argv[optind + 1])))
        options_refuse(&options);
    if (complements)
        complement(&first);
    make_table(table, &first, deletes ? &none : &second);
    run(table, deletes ? &first : &none, !squeezes ? &none : count == 2 ? &second : &first);
    return stream_finish("tr", ferror(stdin) ? COMMAND_FAILED : COMMAND_OK);
}
