/* SPDX-License-Identifier: MIT */
/* The shell's line editor against a model of a terminal: whatever is typed, the terminal must show
   the prompt, the visible part of the line and the cursor where it belongs. */
#include "../../programs/shell/history.c"
#include "../../programs/shell/line.c"

#include "shell_check.h"

#define WIDTH 40
#define PROMPT "iris$ "

/* ---- The terminal ---- */

static struct {
    char row[4096]; /* the line the cursor is in; it never wraps here */
    size_t column;
    unsigned lines, bells, clears;
    char last[4096]; /* the line above */
} terminal;

static void terminal_plain(char c)
{
    if (c == '\r')
        terminal.column = 0;
    else if (c == '\b') {
        CHECK(terminal.column > 0);
        terminal.column--;
    } else if (c == '\a')
        terminal.bells++;
    else if (c == '\n') {
        memcpy(terminal.last, terminal.row, sizeof terminal.row);
        for (size_t i = strlen(terminal.last); i > 0 && terminal.last[i - 1] == ' '; i--)
            terminal.last[i - 1] = '\0';
        memset(terminal.row, 0, sizeof terminal.row);
        terminal.lines++;
    } else {
        CHECK(terminal.column < sizeof terminal.row - 1);
        for (size_t i = 0; i < terminal.column; i++)
            if (terminal.row[i] == '\0')
                terminal.row[i] = ' ';
        terminal.row[terminal.column++] = c;
    }
}

static void terminal_write(void *context, const char *bytes, size_t count)
{
    static const char clear[] = "\x1b[H\x1b[2J";
    (void)context;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\x1b') {
            terminal_plain(bytes[i]);
            continue;
        }
        CHECK(count - i >= strlen(clear) && memcmp(bytes + i, clear, strlen(clear)) == 0);
        i += strlen(clear) - 1;
        memset(terminal.row, 0, sizeof terminal.row);
        terminal.column = 0;
        terminal.clears++;
    }
}

static struct history history;
static struct line line;

static void begin(void)
{
    memset(&terminal, 0, sizeof terminal);
    line_begin(&line);
}

static void fresh(void)
{
    memset(&history, 0, sizeof history);
    line = (struct line){
        .prompt = PROMPT, .width = WIDTH, .history = &history, .write = terminal_write};
    begin();
}

/* What the row must hold, blanks at its end apart. */
static void check_screen(void)
{
    char expected[4096] = PROMPT;
    strncat(expected, line.text + line.view, visible(&line));
    size_t shown = strlen(terminal.row), wanted = strlen(expected);
    while (shown > 0 && terminal.row[shown - 1] == ' ')
        shown--;
    while (wanted > 0 && expected[wanted - 1] == ' ')
        wanted--;
    CHECK(shown == wanted && memcmp(terminal.row, expected, shown) == 0);
    CHECK(terminal.column == strlen(PROMPT) + line.cursor - line.view);
    CHECK(terminal.column < WIDTH);
    CHECK(line.cursor <= line.length && line.length < LINE_BYTES);
    CHECK(line.text[line.length] == '\0' && strlen(line.text) == line.length);
}

static enum line_result type(const char *keys)
{
    enum line_result result = LINE_EDITING;
    for (; *keys != '\0'; keys++) {
        result = line_feed(&line, *keys);
        if (result == LINE_EDITING && line.keys == LINE_KEYS_PLAIN)
            check_screen();
    }
    return result;
}

/* ---- Tests ---- */

#define LEFT "\x1b[D"
#define RIGHT "\x1b[C"
#define UP "\x1b[A"
#define DOWN "\x1b[B"

static void test_typing(void)
{
    fresh();
    CHECK(type("echo hi") == LINE_EDITING);
    CHECK_TEXT(terminal.row, PROMPT "echo hi");
    CHECK(type("\r") == LINE_FINISHED);
    CHECK_TEXT(line.text, "echo hi");
    CHECK_TEXT(terminal.last, PROMPT "echo hi");
    begin();
    CHECK(type("\n") == LINE_EDITING); /* of CR LF */
    CHECK(type("\n") == LINE_FINISHED);
    CHECK_TEXT(line.text, "");
}

static void test_editing(void)
{
    fresh();
    type("abd" LEFT "c");
    CHECK_TEXT(line.text, "abcd");
    type("\x01X\x05Y" LEFT LEFT "\x1b[3~");
    CHECK_TEXT(line.text, "XabcY");
    type("\x1b[HQ\x1b[FZ\x7f\x08");
    CHECK_TEXT(line.text, "QXabc");
    type("\x15");
    CHECK_TEXT(line.text, "");
    type("\x19");
    CHECK_TEXT(line.text, "QXabc");
    type(LEFT LEFT "\x0b");
    CHECK_TEXT(line.text, "QXa");
    type(" two  three\x17");
    CHECK_TEXT(line.text, "QXa two  ");
    type("\x1b"
         "b!\x1b"
         "f?");
    CHECK_TEXT(line.text, "QXa !two?  ");
    type("\x01\x04\x04");
    CHECK_TEXT(line.text, "a !two?  ");
    type("\x1b[1~1\x1b[4~4\x1bOH<\x1bOF>");
    CHECK_TEXT(line.text, "<1a !two?  4>");
    type("\x1b[1;5D\x1b[99~\x1b[Z\x1bOP"); /* keys with modifiers; ones that mean nothing */
    CHECK_TEXT(line.text, "<1a !two?  4>");
}

static void test_ends(void)
{
    fresh();
    CHECK(type("\x04") == LINE_CLOSED);
    begin();
    CHECK(type("half\x03") == LINE_INTERRUPTED);
    CHECK_TEXT(terminal.last, PROMPT "half^C");
    begin();
    type("x\x01\x04"); /* Ctrl-D deletes */
    CHECK_TEXT(line.text, "");
    CHECK(type("\x0c") == LINE_EDITING);
    CHECK(terminal.clears == 1);
}

static void test_history(void)
{
    fresh();
    type("one\r");
    begin();
    type("two\r");
    begin();
    type("two\r"); /* not twice */
    begin();
    type("  \r"); /* nor blank */
    begin();
    CHECK(history.count == 2);
    type("draft" UP);
    CHECK_TEXT(line.text, "two");
    type(UP);
    CHECK_TEXT(line.text, "one");
    type(UP);
    CHECK_TEXT(line.text, "one");
    CHECK(terminal.bells == 1);
    type(DOWN DOWN);
    CHECK_TEXT(line.text, "draft");
    type(DOWN);
    CHECK_TEXT(line.text, "draft");
}

static void test_history_forgets(void)
{
    char text[64];
    memset(&history, 0, sizeof history);
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(text, sizeof text, "line %u %.*s", i, (int)(i % 40),
                 "........................................");
        history_add(&history, text);
        CHECK_TEXT(history_get(&history, 0), text);
        CHECK(history.count + history.dropped == i + 1);
    }
    CHECK(history.used <= HISTORY_BYTES && history.count > 100);
    CHECK(history_get(&history, history.count) == NULL);
    CHECK(strncmp(history_get(&history, history.count - 1), "line ", 5) == 0);
}

static void test_long_line(void)
{
    char text[121];
    fresh();
    for (unsigned i = 0; i < 120; i++)
        text[i] = (char)('a' + i % 26);
    text[120] = '\0';
    type(text);
    CHECK(line.view > 0);
    type("\x01");
    CHECK(line.view == 0);
    type("\x05\r");
    CHECK_TEXT(line.text, text);
    CHECK(strlen(terminal.last) == strlen(PROMPT) + 120); /* printed whole */
    fresh();
    for (unsigned i = 0; i < LINE_BYTES + 10; i++)
        type("x");
    CHECK(line.length == LINE_BYTES - 1 && terminal.bells == 11);
}

static void test_characters_of_several_bytes(void)
{
    fresh();
    for (const char *byte = "gr\xc3\xbc\xc3\x9f"
                            "e";
         *byte != '\0'; byte++)
        line_feed(&line, *byte);
    CHECK_TEXT(line.text, "gr\xc3\xbc\xc3\x9f"
                          "e");
    line_feed(&line, CONTROL('b'));
    line_feed(&line, KEY_BACKSPACE);
    CHECK_TEXT(line.text, "gr\xc3\xbc"
                          "e");
    line_feed(&line, (char)0xbc); /* half a character is none */
    CHECK(line_feed(&line, '\r') == LINE_FINISHED);
}

static void complete_some(struct line *edited)
{
    if (edited->length % 3 == 0)
        line_list(edited, "alpha\0beta\0gamma\0");
    else if (edited->length % 3 == 1)
        line_insert(edited, "in ", 3);
    else
        line_bell(edited);
}

/* Any keys in any order: the screen is checked after each. */
static void test_any_keys(unsigned seed, unsigned count)
{
    static const char *const keys[] = {LEFT,
                                       RIGHT,
                                       UP,
                                       DOWN,
                                       "\x1b[H",
                                       "\x1b[F",
                                       "\x1b[3~",
                                       "\x1b"
                                       "b",
                                       "\x1b"
                                       "f",
                                       "\x01",
                                       "\x05",
                                       "\x0b",
                                       "\x15",
                                       "\x17",
                                       "\x19",
                                       "\x7f",
                                       "\x04",
                                       "\x0c",
                                       "\t",
                                       "\x07"};
    random_state = seed;
    fresh();
    line.complete = complete_some;
    for (unsigned i = 0; i < count; i++) {
        char plain[2] = {(char)(' ' + random_below(95)), '\0'};
        bool is_plain = random_below(3) > 0;
        const char *key = is_plain ? plain : keys[random_below(sizeof keys / sizeof *keys)];
        if (random_below(100) == 0 || type(key) != LINE_EDITING) {
            type("\r");
            begin();
        }
    }
}

int main(void)
{
    test_typing();
    test_editing();
    test_ends();
    test_history();
    test_history_forgets();
    test_long_line();
    test_characters_of_several_bytes();
    for (unsigned seed = 1; seed <= 20; seed++)
        test_any_keys(seed, 5000);
    printf("%u checks\n", checks_done);
    return 0;
}
