/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STATUS_SIGNAL 128 /* of who was ended by one, in a shell's $? */

static const struct {
    const char *name;
    int number;
} names[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ILL", SIGILL},
             {"TRAP", SIGTRAP}, {"ABRT", SIGABRT}, {"FPE", SIGFPE},   {"KILL", SIGKILL},
             {"BUS", SIGBUS},   {"SEGV", SIGSEGV}, {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},
             {"TERM", SIGTERM}, {"STOP", SIGSTOP}, {"TSTP", SIGTSTP}, {"CONT", SIGCONT},
             {"CHLD", SIGCHLD}, {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU}, {"USR1", SIGUSR1},
             {"USR2", SIGUSR2}};

#define NAMES (sizeof names / sizeof *names)

const char *signals_name(int number)
{
    for (size_t i = 0; i < NAMES; i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}

/* Digits only; -1: something else. */
static int take_number(const char *text, int limit)
{
    if (*text == '\0' || strlen(text) > 4 || strspn(text, "0123456789") != strlen(text))
        return -1;
    int number = atoi(text);
    return number < limit ? number : -1;
}

int signals_number(const char *text)
{
    if (*text >= '0' && *text <= '9')
        return take_number(text, NSIG);
    if (strcasecmp(text, "EXIT") == 0)
        return 0;
    if (strncasecmp(text, "SIG", 3) == 0)
        text += 3;
    for (size_t i = 0; i < NAMES; i++)
        if (strcasecmp(text, names[i].name) == 0)
            return names[i].number;
    return -1;
}

/* ---- kill ---- */

static int list_all(void)
{
    for (size_t i = 0; i < NAMES; i++)
        printf("%s%c", names[i].name, i + 1 < NAMES ? ' ' : '\n');
    return 0;
}

/* Names of signals by their numbers, or by $? of who was ended by them. */
static int list(int argc, char *argv[], int (*usage)(void))
{
    if (argc == 0)
        return list_all();
    for (int i = 0; i < argc; i++) {
        int number = take_number(argv[i], STATUS_SIGNAL + NSIG);
        const char *name = signals_name(number > STATUS_SIGNAL ? number - STATUS_SIGNAL : number);
        if (name == NULL)
            return usage();
        printf("%s\n", name);
    }
    return 0;
}

/* The option at argv[*at], which moves on to the first target; -1: a bad one. */
static int take_signal(int argc, char *argv[], int *at)
{
    const char *text = argv[*at] + 1;
    if (strcmp(text, "-") != 0)
        ++*at;
    if (strcmp(text, "s") == 0)
        return *at < argc ? signals_number(argv[(*at)++]) : -1;
    if (strcmp(text, "-") == 0)
        return SIGTERM;
    return signals_number(text + (*text == 's' && signals_number(text) < 0));
}

int command_kill(int argc, char *argv[], int (*send)(const char *target, int signal),
                 int (*usage)(void))
{
    int status = 0, first = 1, signal = SIGTERM;
    if (argc > 1 && strcmp(argv[1], "-l") == 0)
        return list(argc - 2, argv + 2, usage);
    if (argc > 1 && argv[1][0] == '-')
        signal = take_signal(argc, argv, &first);
    if (first < argc && strcmp(argv[first], "--") == 0)
        first++;
    if (first >= argc || signal < 0)
        return usage();
    for (int i = first; i < argc; i++) {
        int result = send(argv[i], signal);
        status = result != 0 ? result : status;
    }
    return status;
}
