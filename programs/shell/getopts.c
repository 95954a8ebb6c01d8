/* SPDX-License-Identifier: MIT */
/* getopts (POSIX XCU getopts). Which argument is next is in OPTIND, where scripts see and set it;
   only the letter within that argument is known here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "lex.h"
#include "shell.h"
#include "vars.h"

static struct {
    size_t letter; /* within the argument; 0: it has not begun */
    long index;    /* OPTIND as it was left; another value means another argument */
} place;

/* A parse in steps: the arguments, and what was found. */
struct options {
    const char *letters, *name;
    char *const *arguments;
    long count, index; /* index: of the argument, from 1 on */
    bool is_silent;    /* letters begin with a colon: the script says what is wrong */
};

static bool set_number(const char *name, long number)
{
    char text[16];
    snprintf(text, sizeof text, "%ld", number);
    return vars_set(name, text);
}

/* Leaves OPTIND, OPTARG (NULL: not set) and the script's variable behind. */
static int leave(const struct options *options, char found, const char *argument, int status)
{
    const char value[] = {found, '\0'};
    place.index = options->index;
    bool done = set_number("OPTIND", options->index) && vars_set(options->name, value);
    done = done && (argument != NULL ? vars_set("OPTARG", argument) : vars_unset("OPTARG"));
    return done ? status : STATUS_USAGE;
}

static int refuse(const struct options *options, char letter, char found, const char *why)
{
    const char culprit[] = {letter, '\0'};
    if (options->is_silent)
        return leave(options, found, culprit, 0);
    shell_complain("%s: -%c", why, letter);
    return leave(options, '?', NULL, 0);
}

/* The argument of an option: the rest of this word, or the next one. */
static int take_argument(struct options *options, char letter)
{
    const char *rest = options->arguments[options->index - 1] + place.letter;
    bool is_rest = *rest != '\0';
    place.letter = 0;
    if (is_rest || options->index < options->count) {
        options->index += is_rest ? 1 : 2;
        return leave(options, letter, is_rest ? rest : options->arguments[options->index - 2], 0);
    }
    options->index++;
    return refuse(options, letter, ':', "an argument is missing");
}

static int take_option(struct options *options)
{
    const char *word = options->arguments[options->index - 1];
    char letter = word[place.letter++];
    const char *known = letter != ':' ? strchr(options->letters, letter) : NULL;
    if (known != NULL && known[1] == ':')
        return take_argument(options, letter);
    if (word[place.letter] == '\0') {
        place.letter = 0;
        options->index++;
    }
    return known != NULL ? leave(options, letter, NULL, 0)
                         : refuse(options, letter, '?', "no such option");
}

int builtin_getopts(int argc, char *argv[])
{
    const char *optind = vars_get("OPTIND");
    if (argc < 3 || !lex_is_name(argv[2], strlen(argv[2])))
        return builtin_usage("getopts");
    struct options options = {.letters = argv[1] + (*argv[1] == ':'),
                              .name = argv[2],
                              .arguments = argc > 3 ? argv + 3 : shell.arguments,
                              .count = argc > 3 ? argc - 3 : shell.argument_count,
                              .index = optind != NULL ? strtol(optind, NULL, 10) : 1,
                              .is_silent = *argv[1] == ':'};
    if (options.index < 1)
        options.index = 1;
    const char *word = options.index <= options.count ? options.arguments[options.index - 1] : NULL;
    if (options.index != place.index || (word != NULL && place.letter >= strlen(word)))
        place.letter = 0;
    if (place.letter > 0 && word != NULL)
        return take_option(&options);
    if (word != NULL && *word == '-' && word[1] != '\0' && strcmp(word, "--") != 0) {
        place.letter = 1;
        return take_option(&options);
    }
    if (word != NULL && strcmp(word, "--") == 0)
        options.index++;
    place.letter = 0;
    return leave(&options, '?', NULL, 1);
}
