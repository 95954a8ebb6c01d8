/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "run.h"

#define ARGUMENTS "[-0rt] [-n COUNT|-I WORD] [COMMAND [WORD]...]"

IRIS_SUMMARY("run a command with words of its input: " ARGUMENTS);

#define SLACK                                                                                      \
    2048 /* POSIX xargs: bytes to be left for what the command adds to its environment             \
          */

/* Of POSIX and of those who came before it. */
enum { STATUS_ONE_FAILED = 123, STATUS_WANTS_END = 124, STATUS_NO_PROGRAM = 126 };

extern char **environ;

static const struct options options = {"xargs", ARGUMENTS, "+0rtn:I:"};
static struct {
    bool zero, not_empty, trace;
    size_t count;     /* of words at a time, 0: as many as fit */
    const char *mark; /* is replaced by a line */
} option;

static char **command;
static size_t command_words, command_size; /* size: bytes, as all below */
static char **words;                       /* of the command, then of the input */
static size_t words_count, words_size, room;
static int result;

static void fail(const char *why)
{
    fprintf(stderr, "xargs: %s\n", why);
    exit(COMMAND_FAILED);
}

static void *check(void *memory)
{
    if (memory == NULL)
        fail(strerror(ENOMEM));
    return memory;
}

/* ---- Running ---- */

static void judge(int status)
{
    if (status == 255) {
        fprintf(stderr, "xargs: %s: status 255: it ends here\n", command[0]);
        exit(STATUS_WANTS_END);
    }
    if (status == STATUS_NO_PROGRAM || status == STATUS_NO_PROGRAM + 1)
        exit(status);
    if (status > 128) {
        fprintf(stderr, "xargs: %s: ended by signal %d\n", command[0], status - 128);
        exit(STATUS_WANTS_END + 1);
    }
    if (status != 0)
        result = STATUS_ONE_FAILED;
}

static void run(char **argv)
{
    for (size_t i = 0; option.trace && argv[i] != NULL; i++)
        fprintf(stderr, "%s%c", argv[i], argv[i + 1] != NULL ? ' ' : '\n');
    judge(run_command("xargs", argv));
}

/* Runs the command with the words gathered, and forgets them. */
static void flush(void)
{
    words[words_count] = NULL;
    run(words);
    while (words_count > command_words)
        free(words[--words_count]);
    words_size = command_size;
}

/* A copy of the text with each mark replaced; to be freed. */
static char *replace(const char *text, const char *with)
{
    size_t length = strlen(option.mark), size = strlen(text) + 1;
    for (const char *at = text; (at = strstr(at, option.mark)) != NULL; at += length)
        size += strlen(with);
    char *made = check(malloc(size)), *end = made;
    for (const char *at; (at = strstr(text, option.mark)) != NULL; text = at + length) {
        memcpy(end, text, (size_t)(at - text));
        end = stpcpy(end + (at - text), with);
    }
    strcpy(end, text);
    return made;
}

static void run_replaced(const char *line)
{
    char **argv = check(calloc(command_words + 1, sizeof *argv));
    for (size_t i = 0; i < command_words; i++)
        argv[i] = i == 0 ? check(strdup(command[0])) : replace(command[i], line);
    run(argv);
    for (size_t i = 0; i < command_words; i++)
        free(argv[i]);
    free(argv);
}

/* ---- Words ---- */

static void take(char *word)
{
    size_t size = strlen(word) + 1;
    if (option.mark != NULL) {
        run_replaced(word);
        free(word);
        return;
    }
    if (command_size + size > room)
        fail("a word is too long");
    if (words_size + size > room)
        flush();
    words = check(realloc(words, (words_count + 2) * sizeof *words));
    words[words_count++] = word;
    words_size += size;
    if (option.count != 0 && words_count - command_words == option.count)
        flush();
}

struct text {
    char *bytes;
    size_t length, capacity;
};

static void put(struct text *text, int byte)
{
    if (text->length + 1 >= text->capacity) {
        text->capacity = 2 * text->capacity + 64;
        text->bytes = check(realloc(text->bytes, text->capacity));
    }
    text->bytes[text->length++] = (char)byte;
    text->bytes[text->length] = '\0';
}

/* What is between quotes, which must not contain an end of line. */
static void read_quoted(struct text *text, int quote)
{
    for (int byte; (byte = getchar()) != quote; put(text, byte))
        if (byte == EOF || byte == '\n')
            fail("a quote is not closed");
}

static bool is_end(int byte)
{
    if (option.zero)
        return byte == '\0';
    return byte == '\n' || (option.mark == NULL && (byte == ' ' || byte == '\t'));
}

/* A word, or with -I a line without blanks at its beginning; false: the input has ended. */
static bool read_word(struct text *text)
{
    bool begun = false;
    int byte;
    *text = (struct text){.length = 0};
    while ((byte = getchar()) != EOF) {
        if (is_end(byte) && (begun || option.zero))
            break;
        if (is_end(byte) || (!begun && !option.zero && (byte == ' ' || byte == '\t')))
            continue;
        begun = true;
        if (!option.zero && (byte == '"' || byte == '\''))
            read_quoted(text, byte);
        else if (option.zero || byte != '\\')
            put(text, byte);
        else if ((byte = getchar()) != EOF)
            put(text, byte);
    }
    return begun || (option.zero && byte != EOF);
}

static void take_command(char **argv, size_t count)
{
    static char echo[] = "echo";
    static char *usual[] = {echo, NULL};
    command = count > 0 ? argv : usual;
    command_words = count > 0 ? count : 1;
    words = check(calloc(command_words + 2, sizeof *words));
    for (size_t i = 0; i < command_words; i++) {
        words[i] = command[i];
        command_size += strlen(command[i]) + 1;
    }
    words_count = command_words;
    words_size = command_size;
    size_t used = SLACK;
    for (char **variable = environ; *variable != NULL; variable++)
        used += strlen(*variable) + 1;
    room = (size_t)sysconf(_SC_ARG_MAX) > used ? (size_t)sysconf(_SC_ARG_MAX) - used : 0;
}

int main(int argc, char *argv[])
{
    struct text text;
    bool any = false;
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        option.zero |= letter == '0';
        option.not_empty |= letter == 'r';
        option.trace |= letter == 't';
        if (letter == 'n')
            option.count = (size_t)options_number(&options, optarg, 1, 1000000);
        if (letter == 'I' && *(option.mark = optarg) == '\0')
            options_refuse(&options);
    }
    take_command(argv + optind, (size_t)(argc - optind));
    for (; read_word(&text); any = true) {
        if (text.bytes == NULL)
            put(&text, '\0');
        take(text.bytes);
    }
    if (ferror(stdin))
        fail(strerror(errno));
    if (option.mark == NULL && (words_count > command_words || (!any && !option.not_empty)))
        flush();
    return result;
}
