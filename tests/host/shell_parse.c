/* SPDX-License-Identifier: MIT */
/* The shell's language: words, quotes, expansion, what separates commands, and what is refused. */
#include "../../programs/shell/parse.c"

#include "shell_check.h"

static struct parse_command command;

static const char *variable(void *context, const char *name)
{
    (void)context;
    if (strcmp(name, "?") == 0)
        return "7";
    if (strcmp(name, "$") == 0)
        return "42";
    if (strcmp(name, "NAME") == 0)
        return "some value";
    if (strcmp(name, "EMPTY") == 0)
        return "";
    return NULL;
}

/* The line's commands as text: words in brackets, then what ends the command. */
static const char *shown(const char *line)
{
    static const char *const ends[] = {"", ";", "&", "&&", "||"};
    static char text[8192];
    text[0] = '\0';
    do {
        const char *error = parse_next(&line, &command, variable, NULL);
        if (error != NULL)
            return error;
        for (int i = 0; i < command.argc; i++) {
            strcat(text, "[");
            strcat(text, command.argv[i]);
            strcat(text, "]");
        }
        CHECK(command.argv[command.argc] == NULL);
        strcat(text, ends[command.end]);
    } while (command.end != PARSE_LAST);
    return text;
}

static void test_words(void)
{
    CHECK_TEXT(shown(""), "");
    CHECK_TEXT(shown("  \t "), "");
    CHECK_TEXT(shown("# a comment"), "");
    CHECK_TEXT(shown("ls  -l\t/bin # all"), "[ls][-l][/bin]");
    CHECK_TEXT(shown("a#b"), "[a#b]");
    CHECK_TEXT(shown("echo 'a  b' \"c  d\" e\\ f"), "[echo][a  b][c  d][e f]");
    CHECK_TEXT(shown("a'b'\"c\"d"), "[abcd]");
    CHECK_TEXT(shown("'' \"\""), "[][]");
    CHECK_TEXT(shown("\"a\\\"b\\\\c\\d\""), "[a\"b\\c\\d]");
    CHECK_TEXT(shown("'a\"b' \"c'd\""), "[a\"b][c'd]");
    CHECK_TEXT(shown("\\'\\;\\&"), "[';&]");
}

static void test_expansion(void)
{
    CHECK_TEXT(shown("echo $? $$"), "[echo][7][42]");
    CHECK_TEXT(shown("$NAME \"$NAME\" '$NAME' ${NAME}x"),
               "[some value][some value][$NAME][some valuex]");
    CHECK_TEXT(shown("a $EMPTY \"$EMPTY\" $UNKNOWN b"), "[a][][b]");
    CHECK_TEXT(shown("status-1 x$?y"), "[status-1][x7y]");
    CHECK_TEXT(shown("$ $. a$"), "[$][$.][a$]");
    CHECK_TEXT(shown("\\$NAME \"\\$NAME\""), "[$NAME][$NAME]");
    CHECK_TEXT(shown("${NAME"), "bad ${...}");
    CHECK_TEXT(shown("${}"), "bad ${...}");
}

static void test_separators(void)
{
    CHECK_TEXT(shown("a; b;"), "[a];[b];");
    CHECK_TEXT(shown("a&b & c"), "[a]&[b]&[c]");
    CHECK_TEXT(shown("a && b || c"), "[a]&&[b]||[c]");
    CHECK_TEXT(shown("a x&&b"), "[a][x]&&[b]");
    const char *line = "sleep 10  & next";
    CHECK(parse_next(&line, &command, variable, NULL) == NULL);
    CHECK(command.source_length == 8 && strncmp(command.source, "sleep 10", 8) == 0);
}

static void test_refusals(void)
{
    static const char *const bad[] = {"; a",  "a ;; b", "& a",      "a && && b", "|| a",
                                      "a ||", "a &&",   "a && # b", "'a",        "\"a",
                                      "a \\", "a | b",  "a > b",    "a < b",     "a; \"b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(parse_check(bad[i], &command) != NULL);
    CHECK(parse_check("a; b & c && d || e # f", &command) == NULL);
    CHECK(parse_check("", &command) == NULL);
    CHECK(parse_check("$UNKNOWN", &command) == NULL);
}

static void test_limits(void)
{
    static char line[3 * PARSE_BYTES];
    memset(line, 'x', PARSE_BYTES - 1);
    CHECK(parse_check(line, &command) == NULL);
    line[PARSE_BYTES - 1] = 'x';
    CHECK_TEXT(parse_check(line, &command), "line too long");
    line[0] = '\0';
    for (int i = 0; i < PARSE_WORDS; i++)
        strcat(line, "w ");
    CHECK(parse_check(line, &command) == NULL && command.argc == PARSE_WORDS);
    strcat(line, "w");
    CHECK_TEXT(parse_check(line, &command), "too many words");
}

/* Whatever the line, it ends, and stays inside its memory (AddressSanitizer watches). */
static void test_any_line(void)
{
    static const char letters[] = "ab \t'\"\\$?{};&|<>#NAME/=";
    for (int round = 0; round < 100000; round++) {
        char line[40];
        unsigned length = random_below(sizeof line);
        for (unsigned i = 0; i < length; i++)
            line[i] = letters[random_below(sizeof letters - 1)];
        line[length] = '\0';
        if (parse_check(line, &command) == NULL)
            shown(line);
    }
    checks_done++;
}

int main(void)
{
    test_words();
    test_expansion();
    test_separators();
    test_refusals();
    test_limits();
    test_any_line();
    printf("%u checks\n", checks_done);
    return 0;
}
