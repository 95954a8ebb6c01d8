/* SPDX-License-Identifier: MIT */
/*
 * Runs a command with the kernel's trace on, then prints what was recorded, with names for threads
 * and ports. Nothing is printed meanwhile: that would be traced too.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/events.h>
#include <iris/ipc.h>
#include <iris/names.h>
#include <iris/spawn.h>
#include <iris/summary.h>

#include "command.h"
#include "interfaces.h"
#include "payer.h"
#include "who.h"

IRIS_SUMMARY("run a command and print all messages meanwhile: [-a] [-n] COMMAND [ARGUMENT]...");

#define RECORDS_MAX 8192

static struct who before, after;
static struct iris_trace_record records[RECORDS_MAX];
static const char *command_name;
static bool numbered; /* thread ids beside names */

/* ---- Names ---- */

/* Threads that were there neither before nor after are the command's. */
static const char *thread_name(uint32_t id)
{
    const struct who_thread *thread = who_thread(&before, id);
    if (thread == NULL)
        thread = who_thread(&after, id);
    const char *name = thread != NULL ? thread->process->name : command_name;
    if (!numbered)
        return name;
    static char with_number[WHO_NAME + 16];
    snprintf(with_number, sizeof with_number, "%s.%u", name, (unsigned)id);
    return with_number;
}

/* Asking the name server for each record would take long: the last few answers are kept. */
static const char *port_name(uint32_t port)
{
    static struct {
        uint32_t port;
        char name[WHO_PORT_NAME + 1];
    } known[16];
    static unsigned next;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].port == port && port != 0)
            return known[i].name;
    unsigned place = next++ % (sizeof known / sizeof *known);
    known[place].port = port;
    who_port_name(port, known[place].name);
    return known[place].name;
}

static const char *event_name(uint32_t event)
{
    static const char *const names[] = {
#define TRACE_NAME(number, name, a, b, c, d, text) [number] = (name),
        IRIS_TRACE_EVENTS(TRACE_NAME)
#undef TRACE_NAME
    };
    return event < sizeof names / sizeof *names ? names[event] : "?";
}

/* What each word of an event is called: so that new events are printed sensibly, too. */
static const char *word_name(uint32_t event, unsigned word)
{
    static const char *const names[][4] = {
#define TRACE_WORDS(number, name, a, b, c, d, text) [number] = {(a), (b), (c), (d)},
        IRIS_TRACE_EVENTS(TRACE_WORDS)
#undef TRACE_WORDS
    };
    return event < sizeof names / sizeof *names ? names[event][word] : "";
}

/* "file.read" for the label of a request, else a null pointer. Interfaces may share labels, if no
   server has both; the first one is told then. */
static const char *method_name(unsigned label)
{
    static const struct {
        unsigned label;
        const char *name;
    } methods[] = {
#define TRACE_METHOD(number, text) {(number), (text)},
        IRIS_LABELS(TRACE_METHOD)
#undef TRACE_METHOD
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].label == label)
            return methods[i].name;
    return NULL;
}

static const char *kernel_message_name(unsigned label)
{
    switch (label) {
    case IRIS_EVENT_NOTIFY:
        return "notification";
    case IRIS_EVENT_DISCONNECT:
        return "disconnect";
    case IRIS_EVENT_EXIT:
        return "exit";
    case IRIS_FAULT_PAGE:
        return "page fault";
    case IRIS_FAULT_EXCEPTION:
        return "exception";
    default:
        return NULL;
    }
}

/* ---- Printing ---- */

/* A request is told by its method, a reply by its error. */
static void print_label(uint32_t event, uint32_t tag)
{
    unsigned label = iris_tag_label(tag);
    const char *name;
    if (event == IRIS_TRACE_EVENT_REPLY)
        name = label == 0 ? "ok" : iris_error_name((int)label);
    else if (tag == 0)
        name = "its fault"; /* recorded before the kernel has put it into words */
    else
        name = label == IRIS_LABEL_NARROW ? "narrow"
               : tag & IRIS_TAG_KERNEL    ? kernel_message_name(label)
                                          : method_name(label);
    if (name != NULL)
        printf(" %s", name);
    else
        printf(" label=%#x", label);
}

static void print_tag(uint32_t event, uint32_t tag)
{
    print_label(event, tag);
    printf(" words=%u", iris_tag_words(tag));
    if (iris_tag_handles(tag) != 0)
        printf(" handles=%u", iris_tag_handles(tag));
    if (iris_tag_buffers(tag) != 0)
        printf(" buffers=%u", iris_tag_buffers(tag));
}

static void print_word(uint32_t event, const char *name, uint32_t value)
{
    if (strcmp(name, "port") == 0)
        printf(" %s", port_name(value));
    else if (strcmp(name, "receiver") == 0 || strcmp(name, "to") == 0 ||
             strcmp(name, "budget") == 0 || strcmp(name, "thread") == 0)
        printf(" %s=%s", name, thread_name(value));
    else if (strcmp(name, "tag") == 0)
        print_tag(event, value);
    else if (*name != '\0')
        printf(value < 10 ? " %s=%u" : " %s=%#x", name, (unsigned)value);
}

/* "memory_map(0, 0x70000000) = 1": two arguments are recorded. */
static void print_syscall(const uint32_t word[4])
{
    static const struct {
        const char *name;
        unsigned arguments;
    } calls[] = {
#define TRACE_CALL(number, name, arguments) [number] = {(name), (arguments)},
        IRIS_CALLS(TRACE_CALL)
#undef TRACE_CALL
    };
    unsigned arguments = 2;
    if (word[0] < sizeof calls / sizeof *calls) {
        arguments = calls[word[0]].arguments;
        printf(" %s(", calls[word[0]].name);
    } else {
        printf(" call %u(", (unsigned)word[0]);
    }
    for (unsigned i = 0; i < arguments && i < 2; i++)
        printf("%s%#x", i > 0 ? ", " : "", (unsigned)word[i + 1]);
    printf(arguments > 2 ? ", ...) = " : ") = ");
    if ((int)word[3] < 0 && iris_error_name((int)word[3]) != NULL)
        printf("-%s", iris_error_name((int)word[3]));
    else
        printf("%d", (int)word[3]);
}

/* Messages and what brings them about; the rest only with -a. */
static bool is_message(uint32_t event)
{
    return event != IRIS_TRACE_EVENT_SYSCALL && event != IRIS_TRACE_EVENT_SWITCH &&
           event != IRIS_TRACE_EVENT_INTERRUPT;
}

static void print_record(const struct iris_trace_record *record)
{
    uint32_t us = (uint32_t)(record->time / 1000);
    printf("[%5u.%06u] %-10s %-9s", (unsigned)(us / 1000000), (unsigned)(us % 1000000),
           thread_name(record->thread), event_name(record->event));
    if (record->event == IRIS_TRACE_EVENT_SYSCALL)
        print_syscall(record->arg);
    for (unsigned word = 0; word < 4 && record->event != IRIS_TRACE_EVENT_SYSCALL; word++)
        print_word(record->event, word_name(record->event, word), record->arg[word]);
    if (payer_sender(record) != record->thread)
        printf(" from=%s", thread_name(payer_sender(record)));
    if (record->event != IRIS_TRACE_EVENT_SWITCH) /* which tells it anyway */
        printf(" budget=%s", thread_name(payer_of(record->thread)));
    putchar('\n');
}

static void print_records(unsigned count, bool all)
{
    for (unsigned i = 0; i < count; i++) {
        if (all || is_message(records[i].event))
            print_record(&records[i]);
        payer_follow(&records[i]);
    }
}

/* ---- Running ---- */

static unsigned read_records(uint32_t debug)
{
    uint32_t count = 0, got;
    while (count < RECORDS_MAX &&
           kernel_debug_trace_read(debug, records + count,
                                   (RECORDS_MAX - count) * sizeof records[0], &got) == 0 &&
           got > 0)
        count += got;
    return count;
}

/* The command's exit status. */
static int run(char *argv[])
{
    int status = 0;
    pid_t pid = iris_spawn(argv[0], argv, NULL, NULL);
    if (pid < 0)
        return -errno;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
    uint32_t debug;
    bool all = false;
    int option;
    while ((option = getopt(argc, argv, "+an")) == 'a' || option == 'n')
        *(option == 'a' ? &all : &numbered) = true;
    argv += optind - 1;
    if (option != -1 || argv[1] == NULL)
        return command_usage("trace", "[-a] [-n] COMMAND [ARGUMENT]...");
    if (command_service("trace", IRIS_NAME_DEBUG, &debug) != 0)
        return COMMAND_FAILED;
    command_name = argv[1];
    memset(records, 0, sizeof records); /* no page faults of its own while tracing */
    who_load(&before);
    read_records(debug); /* what is left from an earlier time */
    int error = kernel_debug_trace(debug, true);
    if (error != 0)
        return command_failed("trace", "kernel", error);
    int status = run(argv + 1);
    kernel_debug_trace(debug, false);
    unsigned count = read_records(debug);
    who_load(&after);
    if (count > 0) /* our own call switched tracing on: whoever came first ran on our budget */
        payer_begin(records[0].thread, iris_utcb()->thread);
    print_records(count, all);
    if (status < 0)
        return command_failed("trace", argv[1], status);
    return status;
}
