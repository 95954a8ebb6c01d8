/* SPDX-License-Identifier: MIT */
/*
 * The display's terminal. Without arguments: its own checks. With "serve": takes examples from
 * tests/host/terminal on standard input (length, bytes) and answers with the whole state.
 */
#include "../../drivers/display/codepage.c"
#include "../../drivers/display/rendition.c"
#include "../../drivers/display/screen.c"
#include "../../drivers/display/terminal.c"

#include "server_check.h"

static struct terminal *terminal; /* by malloc: nothing may be touched around it */

static void fresh(void)
{
    free(terminal);
    terminal = malloc(sizeof *terminal);
    CHECK(terminal != NULL);
    terminal_reset(terminal);
}

static void write_text(const char *text)
{
    terminal_write(terminal, (const uint8_t *)text, (uint32_t)strlen(text));
}

/* A row without trailing blanks. */
static const char *row(uint32_t number)
{
    static char text[TERMINAL_COLUMNS + 1];
    uint32_t length = TERMINAL_COLUMNS;

    for (uint32_t i = 0; i < TERMINAL_COLUMNS; i++)
        text[i] = (char)terminal->cell[number][i];
    while (length > 0 && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
    return text;
}

static uint8_t attribute_at(uint32_t number, uint32_t column)
{
    return (uint8_t)(terminal->cell[number][column] >> 8);
}

static void check_sound(void)
{
    CHECK(terminal->cursor.row < TERMINAL_ROWS && terminal->cursor.column < TERMINAL_COLUMNS);
    CHECK(terminal->saved.row < TERMINAL_ROWS && terminal->saved.column < TERMINAL_COLUMNS);
    CHECK(terminal->top < terminal->bottom && terminal->bottom <= TERMINAL_ROWS);
}

static void test_text(void)
{
    fresh();
    write_text("one\r\ntwo\tx\b\by\a\r\n");
    CHECK_TEXT(row(0), "one");
    CHECK_TEXT(row(1), "two    yx");
    for (int i = 0; i < 24; i++)
        write_text("line\r\n");
    CHECK_TEXT(row(0), "line");
    CHECK(terminal->cursor.row == TERMINAL_ROWS - 1);
}

/* The last column is filled before a line wraps, and a return there stays in the line. */
static void test_wrapping(void)
{
    fresh();
    for (int i = 0; i < 80; i++)
        write_text("x");
    CHECK(terminal->cursor.row == 0 && terminal->cursor.column == 79);
    write_text("\ry\x1b[80Gz");
    CHECK(terminal->cursor.row == 0 && row(0)[0] == 'y' && row(0)[79] == 'z');
    write_text("w");
    CHECK(terminal->cursor.row == 1);
    CHECK_TEXT(row(1), "w");
    write_text("\x1b[?7l\x1b[3;79Habcd");
    CHECK(terminal->cursor.row == 2 && row(2)[79] == 'd' && row(2)[78] == 'a');
}

static void test_colours(void)
{
    fresh();
    write_text("a\x1b[31mb\x1b[1mc\x1b[7md\x1b[0me\x1b[94;42mf\x1b[38;5;196mg\x1b[48;2;0;0;255mh");
    CHECK(attribute_at(0, 0) == 0x07 && attribute_at(0, 1) == 0x04 && attribute_at(0, 2) == 0x0c);
    CHECK(attribute_at(0, 3) == 0xc0 && attribute_at(0, 4) == 0x07 && attribute_at(0, 5) == 0x29);
    CHECK(attribute_at(0, 6) == 0x2c && attribute_at(0, 7) == 0x9c);
    write_text("\x1b[0;44m\x1b[2J\x1b[39;49mx");
    CHECK(attribute_at(5, 5) == 0x17);
}

static void test_utf8(void)
{
    static const struct {
        const char *bytes, *places;
    } texts[] = {
        {"\xc3\xa4\xc3\x9f\xe2\x94\x80\xe2\x96\x88", "\x84\xe1\xc4\xdb"},
        {"\xe2\x82\xac!", "?!"},                     /* the euro is not on code page 437 */
        {"\xf0\x9f\x98\x80.", "?."},                 /* nor are those of four bytes */
        {"\xc3", ""},                                /* not complete yet */
        {"\xc3x\xe2\x94y\xff\x80z", "?x?y??z"},      /* cut off, and no UTF-8 at all */
        {"\xc0\x80\xe0\x80\xaf\xed\xa0\x80", "???"}, /* too long, surrogate */
        {"\xe2\x94\r\n", "?"},
    };

    for (uint32_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fresh();
        write_text(texts[i].bytes);
        CHECK_TEXT(row(0), texts[i].places);
    }
}

static void test_strings(void)
{
    fresh();
    write_text("a\x1b]0;title\x07"
               "b\x1bPq#\x1b[31m\x1b\\c\x1b(B\x1b#8d\x1b[>1;2ce\x1b[12\x18"
               "f\x1b[?25lg");
    CHECK_TEXT(row(0), "abcdefg");
    CHECK(terminal->cursor_hidden && attribute_at(0, 6) == 0x07);
    write_text("\x1b[99999999999999999999;1;1;1;1;1;1;1;1;1;1;1Hx\x1b[H\x1b[1\nAy");
    CHECK(terminal->cell[24][0] % 256 == 'x' && terminal->cell[0][0] % 256 == 'y');
}

/* Bytes from the middle of sequences, in any order. */
static void test_noise(void)
{
    static const uint8_t likely[] =
        "\x1b\x1b[[[;?0123456789;ABCDEFGHJKLMPSTX@drmsuhl78cDEM\r\n\b\t";

    for (uint32_t round = 0; round < 200; round++) {
        fresh();
        for (uint32_t i = 0; i < 3000; i++) {
            uint8_t byte = random_below(3) ? likely[random_below(sizeof likely - 1)]
                                           : (uint8_t)random_below(256);
            terminal_write(terminal, &byte, 1);
            check_sound();
        }
    }
}

/* The cursor's row, column, wraps_next, state; then all cells. */
static int serve(void)
{
    static uint8_t bytes[1 << 16];
    uint32_t length;

    while (fread(&length, sizeof length, 1, stdin) == 1 && length <= sizeof bytes &&
           fread(bytes, 1, length, stdin) == length) {
        fresh();
        terminal_write(terminal, bytes, length);
        check_sound();
        const uint32_t head[] = {terminal->cursor.row, terminal->cursor.column,
                                 terminal->cursor.wraps_next, terminal->state};
        fwrite(head, sizeof head, 1, stdout);
        fwrite(terminal->cell, sizeof terminal->cell, 1, stdout);
        fflush(stdout);
    }
    free(terminal);
    return 0;
}

int main(int argc, char *argv[])
{
    check_begin();
    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return serve();
    test_text();
    test_wrapping();
    test_colours();
    test_utf8();
    test_strings();
    test_noise();
    free(terminal);
    return 0;
}
