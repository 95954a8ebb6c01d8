/* SPDX-License-Identifier: MIT */
/*
 * A parent that stands between its child and the world. What the child believes to be its terminal
 * is a portal to this program: it serves the interface `file`, marks each line, and has a limit.
 * The child is not asked, and not changed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/summary.h>

#include "file.h"
#include "process.h"
#include "server.h"
#include "slots.h"

IRIS_SUMMARY("run a program with its output marked and limited: LIMIT PROGRAM [ARGUMENTS]");

#define ARGUMENTS_MAX 1024
#define PART 256
#define BIT_END 1u
#define BADGE_FILE 1u

static struct sandbox {
    uint32_t port, file, news; /* slots */
    uint32_t left;             /* bytes that the child may still write */
    bool line_begun;
} sandbox;

/* ---- The file that the child has ---- */

static void show(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (!sandbox.line_begun)
            printf("| ");
        putchar(text[i]);
        sandbox.line_begun = text[i] != '\n';
    }
}

static int file_gets(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                     uint32_t *count)
{
    char part[PART];
    uint32_t length = data.length < PART ? data.length : PART;

    (void)context, (void)rq;
    if (sandbox.left == 0)
        return -EPERM;
    if (length > sandbox.left)
        length = sandbox.left;
    int got = iris_buffer_read(data, 0, part, length);
    if (got < 0)
        return got;
    show(part, (uint32_t)got);
    sandbox.left -= (uint32_t)got;
    *count = (uint32_t)got;
    return 0;
}

static int file_has_ended(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                          uint32_t *count)
{
    (void)context, (void)rq, (void)data;
    *count = 0;
    return 0;
}

static int file_is_device(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)context, (void)rq;
    *status = (struct file_status){.kind = FILE_KIND_DEVICE, .mode = 0600, .links = 1};
    return 0;
}

/* ---- The loop: until the child has ended ---- */

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_NOTIFY && rq->message.word[0] & BIT_END)
        iris_object_destroy(sandbox.port);
    return 0;
}

static void serve(void)
{
    static const struct file_server operations = {
        .read = file_has_ended, .write = file_gets, .status = file_is_device};
    static const struct iris_service services[] = {FILE_SERVICE(&operations)};
    struct iris_server server = {
        .port = sandbox.port, .services = services, .count = 1, .event = event};
    iris_server_run(&server);
}

static int make_portals(void)
{
    sandbox.port = (uint32_t)iris_slot_alloc();
    sandbox.file = (uint32_t)iris_slot_alloc();
    sandbox.news = (uint32_t)iris_slot_alloc();
    int error = iris_port_create(sandbox.port);
    if (error == 0)
        error = iris_portal_create(sandbox.port, sandbox.file, BADGE_FILE,
                                   IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (error == 0)
        error = iris_portal_create(sandbox.port, sandbox.news, 0,
                                   IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY, BIT_END);
    return error;
}

/* A process in steps: it is made, is given its files, and begins. */
static int start(int argc, char *argv[], uint32_t *pid)
{
    char path[64], strings[ARGUMENTS_MAX];
    uint32_t child, size = 0;
    struct start_terms terms = {.flags = 0};

    for (int i = 0; i < argc; i++)
        size += (uint32_t)snprintf(strings + size, sizeof strings - size, "%s", argv[i]) + 1;
    snprintf(path, sizeof path, "bin/%s", argv[0]);
    int error = process_spawn(IRIS_SLOT_PROCESS, path, pid, &child);
    for (uint32_t descriptor = 0; error == 0 && descriptor < 3; descriptor++)
        error = process_control_give(child, descriptor, sandbox.file);
    if (error == 0)
        error = process_control_subscribe(child, sandbox.news, BIT_END);
    if (error == 0)
        error = process_control_start(child, (uint32_t)argc, 0, strings, size, &terms);
    return error;
}

int main(int argc, char *argv[])
{
    uint32_t pid;
    int status = 0;

    if (argc < 3)
        return 2;
    sandbox.left = (uint32_t)atoi(argv[1]);
    int error = make_portals();
    if (error == 0)
        error = start(argc - 2, argv + 2, &pid);
    if (error != 0) {
        printf("sandbox: %s: error %d\n", argv[2], -error);
        return 1;
    }
    serve();
    waitpid((pid_t)pid, &status, 0);
    printf("%s%s ended with status %d, %u bytes were left\n", sandbox.line_begun ? "\n" : "",
           argv[2], WEXITSTATUS(status), (unsigned)sandbox.left);
    return 0;
}
