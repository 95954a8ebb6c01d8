/* SPDX-License-Identifier: MIT */
#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "builtin.h"
#include "child.h"
#include "execute.h"
#include "expand.h"
#include "function.h"
#include "job.h"
#include "parse.h"
#include "print.h"
#include "redirect.h"
#include "shell.h"
#include "vars.h"

/* ---- One member ---- */

/* Whether a member is a program that can be started without a shell of its own. Only a first word
   without anything to expand tells that in advance. */
static bool is_program(const struct node *node)
{
    if (node->kind != NODE_COMMAND || node->words == NULL)
        return false;
    const char *name = node->words->text;
    if (strpbrk(name, "\\'\"$`*?[~") != NULL || function_find(name) != NULL)
        return false;
    const struct builtin *builtin = builtin_find(name);
    return builtin == NULL || builtin->program != NULL || builtin->is_program_too;
}

static int launch_words(struct job *job, const struct node *node)
{
    struct redirect_undo undo = {.count = 0};
    struct vars_saved *saved = NULL;
    struct list words = {0};
    int status = STATUS_ERROR;
    if (!expand_words(node->words, &words))
        return shell.status;
    const struct builtin *builtin = builtin_find(words.items[0]);
    if (builtin != NULL && builtin->program != NULL)
        words.items[0] = builtin->program;
    execute_trace(words.items);
    if (redirect_apply(node->redirects, &undo) && execute_assign_for(node->assignments, &saved))
        status = child_program(job, words.items);
    redirect_undo(&undo);
    vars_restore(&saved);
    return status;
}

/* A node as text, in shell.arena. */
struct printing {
    const struct node *node;
    void (*print)(struct text *text, const struct node *node);
    char *result;
};

static bool print_work(void *context)
{
    struct printing *printing = context;
    struct text text = {.arena = &shell.arena};
    printing->print(&text, printing->node);
    printing->result = text_string(&text);
    return true;
}

/* A null pointer, after a message, if there is no memory. */
static const char *text_of(const struct node *node,
                           void (*print)(struct text *text, const struct node *node))
{
    struct printing printing = {node, print, NULL};
    if (!arena_try(&shell.arena, print_work, &printing)) {
        shell_complain("out of memory");
        return NULL;
    }
    return printing.result;
}

static int launch_part(struct job *job, const struct node *node)
{
    struct node inside = *node;
    if (node->kind == NODE_SUBSHELL)
        inside.kind = NODE_GROUP; /* the shell that is started is the subshell */
    const char *text = text_of(&inside, print_node);
    return text != NULL ? child_shell(job, text) : STATUS_ERROR;
}

/* Starts a member; what went wrong, if anything, is its status. */
static int launch_member(struct job *job, const struct node *node)
{
    struct arena_mark mark = arena_mark(&shell.arena);
    int status = is_program(node) ? launch_words(job, node) : launch_part(job, node);
    arena_release(&shell.arena, mark);
    return status;
}

/* ---- Pipelines ---- */

static bool make_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        shell_complain("cannot make a pipe: %s", strerror(errno));
        return false;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

static size_t count_members(const struct node *pipeline)
{
    size_t count = 0;
    for (const struct node *node = pipeline->first; node != NULL; node = node->next)
        count++;
    return count;
}

/* Starts one member between two pipes; -1: the shell's own input or output. Both are used up. */
static int launch_between(struct job *job, const struct node *node, int input, int output)
{
    struct redirect_undo undo = {.count = 0};
    bool done = input < 0 || redirect_move(input, STDIN_FILENO, &undo);
    if (output >= 0)
        done = redirect_move(output, STDOUT_FILENO, &undo) && done;
    int status = done ? launch_member(job, node) : STATUS_ERROR;
    redirect_undo(&undo);
    return status;
}

/* Starts all members; the status of the last one if that could not be started. */
static int launch_pipeline(struct job *job, const struct node *pipeline)
{
    int input = -1, status = 0;
    for (const struct node *node = pipeline->first; node != NULL; node = node->next) {
        int ends[2] = {-1, -1};
        if (node->next != NULL && !make_pipe(ends)) {
            status = STATUS_ERROR;
            break;
        }
        status = launch_between(job, node, input, ends[1]);
        input = ends[0];
    }
    if (status != 0 && input >= 0)
        close(input);
    return status;
}

int pipeline_run(const struct node *pipeline)
{
    struct job *job = job_new(count_members(pipeline), true);
    if (job == NULL)
        return STATUS_ERROR;
    int status = launch_pipeline(job, pipeline), ended = job_wait(job);
    return status != 0 ? status : ended;
}

/* ---- Background ---- */

/* Programs in the background find nothing to read, unless there are jobs: then the terminal stops
   them when they read, until they are brought in front (XCU 2.9.3.1). */
static bool take_input_away(struct redirect_undo *undo)
{
    if (shell.has_prompt)
        return true;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        shell_complain("/dev/null: %s", strerror(errno));
    return fd >= 0 && redirect_move(fd, STDIN_FILENO, undo);
}

static bool is_plain_pipeline(const struct node *chain)
{
    return chain->first->next == NULL && !chain->first->negated;
}

static int launch_chain(struct job *job, const struct node *chain)
{
    return is_plain_pipeline(chain) ? launch_pipeline(job, chain->first) : launch_part(job, chain);
}

int pipeline_run_background(const struct node *chain)
{
    struct arena_mark mark = arena_mark(&shell.arena);
    struct redirect_undo undo = {.count = 0};
    struct job *job = job_new(is_plain_pipeline(chain) ? count_members(chain->first) : 1, false);
    const char *text = text_of(chain, print_short);
    if (job == NULL)
        return STATUS_ERROR;
    int status = take_input_away(&undo) ? launch_chain(job, chain) : STATUS_ERROR;
    redirect_undo(&undo);
    if (job_last_pid(job) != 0)
        shell.last_background = job_last_pid(job);
    job_background(job, text != NULL ? text : "");
    arena_release(&shell.arena, mark);
    return status;
}

/* ---- Output ---- */

struct capture {
    int fd;
    struct text *output;
};

static bool read_all(void *context)
{
    const struct capture *capture = context;
    char bytes[512];
    ssize_t count;
    while ((count = read(capture->fd, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < count; i++)
            if (bytes[i] != '\0')
                text_put_char(capture->output, bytes[i]);
    return count == 0;
}

/* The only pipeline of a text, if it is nothing more; else a null pointer. Lies in `arena`. */
static const struct node *only_pipeline(const char *commands, struct arena *arena)
{
    struct parse parse = {.line = shell.line};
    struct node *tree, *rest;
    if (parse_command(&commands, arena, &parse, &tree) != PARSE_COMMAND ||
        parse_command(&commands, arena, &parse, &rest) != PARSE_END)
        return NULL;
    const struct node *chain = tree->first;
    bool is_one = chain->next == NULL && !chain->background && is_plain_pipeline(chain);
    return is_one ? chain->first : NULL;
}

/* Starts commands whose output goes to a pipe that is used up. */
static int launch_commands(struct job *job, const char *commands, const struct node *pipeline,
                           int output)
{
    struct redirect_undo undo = {.count = 0};
    int status = STATUS_ERROR;
    if (redirect_move(output, STDOUT_FILENO, &undo))
        status = pipeline != NULL ? launch_pipeline(job, pipeline) : child_shell(job, commands);
    redirect_undo(&undo);
    return status;
}

bool pipeline_capture(const char *commands, struct text *output)
{
    struct arena arena = {0};
    int ends[2];
    const struct node *pipeline = only_pipeline(commands, &arena);
    struct job *job = job_new(pipeline != NULL ? count_members(pipeline) : 1, true);
    bool done = job != NULL && make_pipe(ends);
    if (done) {
        int status = launch_commands(job, commands, pipeline, ends[1]);
        done = arena_try(&shell.arena, read_all, &(struct capture){ends[0], output});
        close(ends[0]);
        int ended = job_wait(job);
        shell.status = status != 0 ? status : ended;
    } else if (job != NULL) {
        job_wait(job);
    }
    arena_free(&arena);
    return done;
}
