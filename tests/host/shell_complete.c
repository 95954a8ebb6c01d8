/* SPDX-License-Identifier: MIT */
/* Tab completion, and finding a program's summary in its file. */
#include "../../programs/shell/complete.c"
#include "../../programs/shell/note.c"

#include "shell_check.h"

static struct completion completion;

static void begin(const char *line) { CHECK(complete_begin(&completion, line, strlen(line))); }

static void test_which_word(void)
{
    begin("");
    CHECK(completion.is_command && completion.prefix_length == 0);
    begin("  he");
    CHECK(completion.is_command);
    CHECK_TEXT(completion.prefix, "he");
    begin("ls fi");
    CHECK(!completion.is_command);
    CHECK_TEXT(completion.prefix, "fi");
    CHECK_TEXT(completion.directory, "");
    begin("ls /bin/he");
    CHECK_TEXT(completion.directory, "/bin/");
    CHECK_TEXT(completion.prefix, "he");
    begin("./he");
    CHECK(!completion.is_command);
    begin("a; b && c");
    CHECK(completion.is_command);
    CHECK_TEXT(completion.prefix, "c");
    begin("a b\\ c");
    CHECK_TEXT(completion.prefix, "b\\ c");
    CHECK(complete_begin(&completion, "hello", 2)); /* in the middle of a word */
    CHECK_TEXT(completion.prefix, "he");
}

static void test_candidates(void)
{
    begin("he");
    complete_offer(&completion, "ls", false);
    CHECK_TEXT(complete_insertion(&completion), "");
    complete_offer(&completion, "hello", false);
    CHECK_TEXT(complete_insertion(&completion), "llo ");
    complete_offer(&completion, "hello", false); /* known twice: still one */
    CHECK(completion.count == 1);
    CHECK_TEXT(complete_insertion(&completion), "llo ");
    complete_offer(&completion, "help", false);
    CHECK_TEXT(complete_insertion(&completion), "l");
    complete_offer(&completion, "heap", false);
    CHECK_TEXT(complete_insertion(&completion), "");
    CHECK(completion.count == 3);
    CHECK(memcmp(completion.list, "heap\0hello\0help\0", 17) == 0);
    begin("cd bi");
    complete_offer(&completion, "bin", true);
    CHECK_TEXT(complete_insertion(&completion), "n/");
}

static void test_limits(void)
{
    char word[400];
    memset(word, 'x', sizeof word);
    CHECK(!complete_begin(&completion, word, COMPLETE_NAME + 1));
    CHECK(complete_begin(&completion, word, COMPLETE_NAME));
    word[COMPLETE_NAME + 1] = '\0';
    complete_offer(&completion, word, false);
    CHECK(completion.count == 0);
    begin("");
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(word, sizeof word, "name-%u", random_below(100000));
        complete_offer(&completion, word, false);
        CHECK(completion.list_used < COMPLETE_LIST && completion.list[completion.list_used] == 0);
    }
    CHECK_TEXT(completion.common, "name-");
}

/* ---- Notes ---- */

static unsigned char file[256];

static void put_word(size_t at, uint32_t word) { memcpy(file + at, &word, sizeof word); }

/* An ELF file with one program header, a note of someone else and one of ours. */
static void make_file(void)
{
    memset(file, 0, sizeof file);
    memcpy(file, "\177ELF\1\1\1", 7);
    put_word(28, 52);            /* e_phoff */
    put_word(40, 52 | 32 << 16); /* e_ehsize, e_phentsize */
    put_word(44, 1);             /* e_phnum */
    put_word(52, PT_NOTE);
    put_word(56, 100);
    put_word(68, 60);
    put_word(100, 4), put_word(104, 6), put_word(108, 1);
    memcpy(file + 112, "GNU", 4);
    put_word(124, 5), put_word(128, 6), put_word(132, 1);
    memcpy(file + 136, "Iris\0\0\0\0greet", 14);
}

static void test_note(void)
{
    struct note_place place;
    char text[8];
    make_file();
    CHECK(note_locate(file, sizeof file, &place) && place.offset == 100 && place.size == 60);
    CHECK(note_text(file + 100, 60, "Iris", 1, text, sizeof text));
    CHECK_TEXT(text, "greet");
    CHECK(!note_text(file + 100, 60, "Iris", 2, text, sizeof text));
    CHECK(!note_text(file + 100, 60, "Irma", 1, text, sizeof text));
    CHECK(note_text(file + 100, 60, "Iris", 1, text, 4));
    CHECK_TEXT(text, "gre");
    CHECK(!note_locate(file, 51, &place));
    file[0] = 'x';
    CHECK(!note_locate(file, sizeof file, &place));
}

/* Damaged files: no crash, and text that is ended. Each is tried in memory just large enough. */
static void test_damaged_notes(void)
{
    for (int round = 0; round < 100000; round++) {
        struct note_place place;
        char text[8] = "";
        make_file();
        for (unsigned i = random_below(4) + 1; i > 0; i--)
            file[random_below(sizeof file)] = (unsigned char)random_below(256);
        note_locate(file, sizeof file, &place);
        size_t size = random_below(60);
        unsigned char *notes = malloc(size + 1);
        memcpy(notes, file + 100, size);
        unsigned char *exact = realloc(notes, size > 0 ? size : 1);
        note_text(exact, size, "Iris", 1, text, sizeof text);
        CHECK(memchr(text, '\0', sizeof text) != NULL);
        free(exact);
    }
}

int main(void)
{
    test_which_word();
    test_candidates();
    test_limits();
    test_note();
    test_damaged_notes();
    printf("%u checks\n", checks_done);
    return 0;
}
