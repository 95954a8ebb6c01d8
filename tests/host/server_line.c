/* SPDX-License-Identifier: MIT */
/* The console's line discipline: what is typed, what is seen, what is read. */
#include "../../servers/console/line.c"

#include "server_check.h"

static char screen[1 << 16];
static uint32_t screen_length;

static void show(const char *bytes, uint32_t count)
{
    if (screen_length + count >= sizeof screen)
        screen_length = 0;
    memcpy(screen + screen_length, bytes, count);
    screen_length += count;
    screen[screen_length] = '\0';
}

static struct line fresh(void)
{
    screen_length = 0;
    screen[0] = '\0';
    return (struct line){.echo = show, .characters = LINE_CHARACTERS_USUAL};
}

static bool type(struct line *line, const char *text)
{
    bool interrupted = false;

    for (; *text != '\0'; text++)
        interrupted |= line_type(line, (uint8_t)*text);
    return interrupted;
}

/* Reads as a program would: the bytes as a string; "<none>" if it would wait, "<eof>". */
static const char *take(struct line *line, uint32_t most)
{
    static char bytes[LINE_READY_MAX + 1];
    uint32_t items, count = line_peek(line, bytes, most, &items);

    line_consume(line, items);
    bytes[count] = '\0';
    return items == 0 ? "<none>" : count == 0 ? "<eof>" : bytes;
}

static void test_lines(void)
{
    struct line line = fresh();

    type(&line, "hel");
    CHECK_TEXT(take(&line, 100), "<none>");
    type(&line, "lo\rworld\n");
    CHECK_TEXT(screen, "hello\r\nworld\r\n");
    CHECK_TEXT(take(&line, 100), "hello\n");
    CHECK_TEXT(take(&line, 3), "wor");
    CHECK_TEXT(take(&line, 100), "ld\n");
    CHECK_TEXT(take(&line, 100), "<none>");
    type(&line, "\r");
    CHECK_TEXT(take(&line, 100), "\n");
}

static void test_editing(void)
{
    struct line line = fresh();

    type(&line, "ab\x7f"
                "c\b\b\b\b"
                "d\r"); /* more backspaces than characters */
    CHECK_TEXT(take(&line, 100), "d\n");
    CHECK_TEXT(screen, "ab\b \bc\b \b\b \bd\r\n");
    type(&line, "one two  \x17three\r");
    CHECK_TEXT(take(&line, 100), "one three\n");
    type(&line, "forget this\x15keep\r");
    CHECK_TEXT(take(&line, 100), "keep\n");
    type(&line, "\x01\x1b"
                "x\ty\r"); /* other control characters are not part of a line */
    CHECK_TEXT(take(&line, 100), "x\ty\n");
}

static void test_end_of_file(void)
{
    struct line line = fresh();

    type(&line, "\x04");
    CHECK_TEXT(take(&line, 100), "<eof>");
    CHECK_TEXT(take(&line, 100), "<none>");
    type(&line, "part\x04\x04");
    CHECK_TEXT(take(&line, 100), "part");
    CHECK_TEXT(take(&line, 100), "<eof>");
    type(&line, "a\r\x04");
    CHECK_TEXT(take(&line, 1), "a");
    CHECK_TEXT(take(&line, 100), "\n");
    CHECK_TEXT(take(&line, 100), "<eof>");
}

static void test_interrupt(void)
{
    struct line line = fresh();

    type(&line, "unread\r");
    CHECK(type(&line, "half\x03"));
    CHECK(!type(&line, "new\r"));
    CHECK_TEXT(take(&line, 100), "new\n");
    CHECK(strstr(screen, "half^C\r\n") != NULL);
}

static void test_flow(void)
{
    struct line line = fresh();

    CHECK(line_type(&line, 19) == LINE_HOLD && line_type(&line, 17) == LINE_LET);
    type(&line, "ab\r");
    CHECK_TEXT(take(&line, 100), "ab\n"); /* they are no part of it */
    line.characters[LINE_KEY_STOP] = 'x';
    CHECK(line_type(&line, 'x') == LINE_HOLD && line_type(&line, 19) == LINE_NOTHING);
    line.no_flow = true;
    CHECK(line_type(&line, 'x') == LINE_NOTHING && line_type(&line, 17) == LINE_NOTHING);
    type(&line, "\r");
    CHECK_TEXT(take(&line, 100), "x\n");
    line_set_raw(&line, true);
    CHECK(line_type(&line, 'x') == LINE_NOTHING && line_waiting(&line) == 1);
    CHECK_TEXT(take(&line, 100), "x");
    line_set_raw(&line, false);
    CHECK(line_type(&line, 'x') == LINE_HOLD && line_waiting(&line) == 0);
}

static void test_end_of_line(void)
{
    struct line line = fresh();

    line.characters[LINE_KEY_END] = ';';
    type(&line, "one;two\r;");
    CHECK_TEXT(take(&line, 100), "one;");
    CHECK_TEXT(take(&line, 100), "two\n");
    CHECK_TEXT(take(&line, 100), ";");
    CHECK_TEXT(take(&line, 100), "<none>");
    CHECK_TEXT(screen, "one;two\r\n;");
}

static void test_raw(void)
{
    struct line line = fresh();

    type(&line, "ahead");
    line_set_raw(&line, true);
    CHECK_TEXT(take(&line, 100), "ahead");
    CHECK(!type(&line, "\x03\x04\rz"));
    CHECK_TEXT(take(&line, 2), "\x03\x04");
    CHECK_TEXT(take(&line, 100), "\rz");
    CHECK_TEXT(screen, "ahead");
    line_set_raw(&line, false);
    type(&line, "q\r");
    CHECK_TEXT(take(&line, 100), "q\n");
}

static void test_limits(void)
{
    struct line line = fresh();

    for (uint32_t i = 0; i < LINE_EDIT_MAX; i++)
        type(&line, "x");
    CHECK(strchr(screen, '\a') == NULL);
    type(&line, "y");
    CHECK(strchr(screen, '\a') != NULL);
    type(&line, "\r");
    CHECK(strlen(take(&line, LINE_READY_MAX)) == LINE_EDIT_MAX + 1);
    for (int i = 0; i < 300; i++) /* nobody reads: what fits is kept, in order */
        type(&line, "0123456789\r");
    for (uint32_t i = 0; i < LINE_READY_MAX / 11; i++)
        CHECK_TEXT(take(&line, 100), "0123456789\n");
}

/* Any typing and reading: never more is read than was typed, and the queue stays sound. */
static void test_random(void)
{
    static const uint8_t keys[] = "ab c\r\n\b\x7f\x04\x15\x17\x03\t\x1b";
    struct line line = fresh();
    char bytes[64];

    for (uint32_t i = 0; i < 500000; i++) {
        if (random_below(200) == 0)
            line_set_raw(&line, random_below(2));
        if (random_below(3) == 0) {
            uint32_t items, count = line_peek(&line, bytes, 1 + random_below(sizeof bytes), &items);
            CHECK(items <= line.next - line.first);
            CHECK(count == items || (count == 0 && items == 1));
            line_consume(&line, items);
        } else {
            line_type(&line, keys[random_below(sizeof keys - 1)]);
        }
        CHECK(line.edited <= LINE_EDIT_MAX && line.next - line.first <= LINE_READY_MAX);
    }
}

static void test_keys(void)
{
    struct line line = fresh();

    line.characters[LINE_KEY_ERASE] = '#';
    line.characters[LINE_KEY_KILL] = '@';
    line.characters[LINE_KEY_INTERRUPT] = 0;
    line.characters[LINE_KEY_SUSPEND] = 'x';
    CHECK(!type(&line, "ac#b\x03\r")); /* a key that is nobody's; a control character is no part */
    CHECK_TEXT(take(&line, 100), "ab\n");
    type(&line, "gone@kept\r");
    CHECK_TEXT(take(&line, 100), "kept\n");
    CHECK(line_type(&line, 'x') == LINE_SUSPEND);
    CHECK(line_type(&line, 0) == LINE_NOTHING);
}

static void test_enough(void)
{
    struct line line = fresh();

    line_set_raw(&line, true);
    type(&line, "ab");
    CHECK(line_has(&line, 2) && !line_has(&line, 3));
    line_set_raw(&line, false);
    CHECK(!line_has(&line, 1));
    type(&line, "c\r");
    CHECK(line_has(&line, 100)); /* the line ends */
    CHECK_TEXT(take(&line, 100), "abc\n");
    CHECK(!line_has(&line, 1));
    type(&line, "\x04");
    CHECK(line_has(&line, 1));
}

int main(void)
{
    check_begin();
    test_lines();
    test_editing();
    test_end_of_file();
    test_interrupt();
    test_keys();
    test_enough();
    test_flow();
    test_end_of_line();
    test_raw();
    test_limits();
    test_random();
    return 0;
}
