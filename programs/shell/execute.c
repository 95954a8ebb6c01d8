/* SPDX-License-Identifier: MIT */
#include "execute.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtin.h"
#include "child.h"
#include "expand.h"
#include "function.h"
#include "job.h"
#include "parse.h"
#include "pattern.h"
#include "pipeline.h"
#include "print.h"
#include "redirect.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

#define DEPTH_MAX 250 /* constructs and calls within each other; the stack is what bounds them */

static void execute_member(const struct node *node);

/* ---- Simple commands ---- */

void execute_trace(char *const *words)
{
    if (!shell.traces)
        return;
    fflush(stdout);
    fputc('+', stderr);
    for (; *words != NULL; words++)
        fprintf(stderr, " %s", *words);
    fputc('\n', stderr);
}

/* name=word: the name's length. */
static size_t assigned_name(const char *assignment) { return strcspn(assignment, "="); }

static bool assign(const char *assignment)
{
    size_t length = assigned_name(assignment);
    char *value, *name = strndup(assignment, length);
    bool done = name != NULL && expand_word(assignment + length + 1, &value);
    if (done && !vars_set(name, value)) {
        shell_abort(STATUS_USAGE);
        done = false;
    }
    free(name);
    return done;
}

bool execute_assign_for(const struct word *assignments, struct vars_saved **saved)
{
    for (; assignments != NULL; assignments = assignments->next) {
        char *name = strndup(assignments->text, assigned_name(assignments->text));
        bool done = name != NULL && vars_save(saved, name) && assign(assignments->text) &&
                    vars_flag(name, VARS_EXPORTED);
        free(name);
        if (!done)
            return false;
    }
    return true;
}

/* `x=1 y=2` without a command: its status is that of the last $(...) in it. */
static void execute_assignments(const struct node *node)
{
    struct redirect_undo undo = {.count = 0};
    shell.status = 0;
    for (const struct word *word = node->assignments; word != NULL; word = word->next)
        if (!assign(word->text))
            return;
    int status = shell.status;
    bool done = redirect_apply(node->redirects, &undo);
    redirect_undo(&undo);
    if (shell.flow == FLOW_ON)
        shell.status = done ? status : STATUS_ERROR;
}

static void call_function(const char *body, struct list *words)
{
    char **arguments = shell.arguments, *copy = strdup(body); /* it may define itself anew */
    int count = shell.argument_count;
    unsigned loops = shell.loops;
    struct vars_saved *locals = shell.locals;
    shell.arguments = NULL;
    shell.locals = NULL;
    shell.loops = 0;
    shell.calls++;
    if (copy != NULL && shell_set_arguments(words->items + 1, (int)words->count - 1))
        execute_text(copy, shell.line);
    if (shell.flow == FLOW_RETURN)
        shell.flow = FLOW_ON;
    shell.calls--;
    free(copy);
    shell_set_arguments(NULL, 0);
    free(shell.arguments);
    vars_restore(&shell.locals);
    shell.arguments = arguments;
    shell.argument_count = count;
    shell.loops = loops;
    shell.locals = locals;
}

int execute_program(char *const argv[])
{
    struct job *job = job_new(1, true);
    if (job == NULL)
        return STATUS_ERROR;
    int status = child_program(job, argv), ended = job_wait(job);
    return status != 0 ? status : ended;
}

static void run_words(struct list *words, const struct builtin *builtin, const char *function)
{
    if (function != NULL) {
        call_function(function, words);
    } else if (builtin != NULL) {
        int status = builtin->run((int)words->count, words->items);
        fflush(stdout);
        if (shell.flow == FLOW_ON || shell.flow == FLOW_BREAK || shell.flow == FLOW_CONTINUE)
            shell.status = status;
    } else {
        shell.status = execute_program(words->items);
    }
}

/* Words, redirections and assignments are ready; only `exec` keeps its redirections. */
static void execute_words(const struct node *node, struct list *words)
{
    struct redirect_undo undo = {.count = 0};
    struct vars_saved *saved = NULL;
    const char *function = function_find(words->items[0]);
    const struct builtin *builtin = function == NULL ? builtin_find(words->items[0]) : NULL;
    if (builtin != NULL && builtin->program != NULL) {
        words->items[0] = builtin->program;
        builtin = NULL;
    }
    bool is_special = builtin != NULL && builtin->is_special, keeps = false;
    if (!redirect_apply(node->redirects, &undo)) {
        if (is_special && shell.flow == FLOW_ON)
            shell_abort(STATUS_USAGE);
        else if (shell.flow == FLOW_ON)
            shell.status = STATUS_ERROR;
    } else if (execute_assign_for(node->assignments, &saved)) {
        run_words(words, builtin, function);
        keeps = is_special && strcmp(words->items[0], "exec") == 0;
    }
    keeps ? redirect_keep(&undo) : redirect_undo(&undo);
    if (is_special)
        vars_drop_saved(&saved);
    else
        vars_restore(&saved);
}

static void execute_simple(const struct node *node)
{
    struct arena_mark mark = arena_mark(&shell.arena);
    struct list words = {0};
    int before = shell.status;
    if (expand_words(node->words, &words)) {
        if (words.count == 0) {
            execute_assignments(node);
        } else {
            shell.status = before;
            execute_trace(words.items);
            execute_words(node, &words);
        }
    }
    arena_release(&shell.arena, mark);
}

/* ---- Compound commands ---- */

/* A condition: a failure in it ends nothing (set -e). */
static bool holds(const struct node *list)
{
    shell.tested++;
    execute_list(list);
    shell.tested--;
    return shell.flow == FLOW_ON && shell.status == 0;
}

static void execute_if(const struct node *node)
{
    if (holds(node->first))
        execute_list(node->second);
    else if (shell.flow != FLOW_ON)
        return;
    else if (node->third == NULL)
        shell.status = 0;
    else if (node->third->kind == NODE_IF)
        execute_member(node->third);
    else
        execute_list(node->third);
}

/* After a loop's body: whether the loop goes on. */
static bool goes_on(void)
{
    if (shell.flow != FLOW_BREAK && shell.flow != FLOW_CONTINUE)
        return shell.flow == FLOW_ON;
    if (--shell.levels > 0)
        return false;
    bool continues = shell.flow == FLOW_CONTINUE;
    shell.flow = FLOW_ON;
    return continues;
}

static void execute_while(const struct node *node)
{
    int status = 0;
    shell.loops++;
    do {
        bool wanted = holds(node->first) == (node->kind == NODE_WHILE);
        if (shell.flow == FLOW_ON && !wanted)
            break;
        if (shell.flow == FLOW_ON) {
            execute_list(node->second);
            status = shell.status;
        }
    } while (goes_on());
    shell.loops--;
    if (shell.flow == FLOW_ON)
        shell.status = status;
}

static void execute_for(const struct node *node)
{
    struct list items = {0};
    struct word all = {.text = "\"$@\""};
    if (!expand_words(node->in ? node->words : &all, &items))
        return;
    shell.status = 0;
    shell.loops++;
    for (size_t i = 0; i < items.count; i++) {
        if (!vars_set(node->name, items.items[i])) {
            shell_abort(STATUS_USAGE);
            break;
        }
        execute_list(node->first);
        if (!goes_on())
            break;
    }
    shell.loops--;
}

/* 1: an item's pattern matches; 0: none does; -1: an error. */
static int item_matches(const struct case_item *item, const char *text)
{
    char *pattern;
    for (const struct word *word = item->patterns; word != NULL; word = word->next) {
        if (!expand_pattern(word->text, &pattern))
            return -1;
        if (pattern_match(pattern, text))
            return 1;
    }
    return 0;
}

static void execute_case(const struct node *node)
{
    char *text;
    int matches = 0;
    if (!expand_word(node->name, &text))
        return;
    shell.status = 0;
    for (const struct case_item *item = node->items; item != NULL && matches == 0;
         item = item->next) {
        matches = item_matches(item, text);
        if (matches == 1 && item->body != NULL)
            execute_list(item->body);
    }
}

static void execute_compound(const struct node *node)
{
    switch (node->kind) {
    case NODE_GROUP:
        execute_list(node->first);
        break;
    case NODE_IF:
        execute_if(node);
        break;
    case NODE_FOR:
        execute_for(node);
        break;
    case NODE_CASE:
        execute_case(node);
        break;
    default:
        execute_while(node);
    }
}

/* The arena's marks are kept in order by doing everything between two of them. */
static void execute_with_redirects(const struct node *node)
{
    struct arena_mark mark = arena_mark(&shell.arena);
    struct redirect_undo undo = {.count = 0};
    if (redirect_apply(node->redirects, &undo))
        execute_compound(node);
    else if (shell.flow == FLOW_ON)
        shell.status = STATUS_ERROR;
    redirect_undo(&undo);
    arena_release(&shell.arena, mark);
}

/* What print_node needs to be done in. */
struct definition {
    const struct node *node;
    bool done;
};

static bool define(void *context)
{
    struct definition *definition = context;
    struct text text = {.arena = &shell.arena};
    print_node(&text, definition->node->first);
    definition->done = function_set(definition->node->name, text_string(&text));
    return true;
}

static void execute_function(const struct node *node)
{
    struct arena_mark mark = arena_mark(&shell.arena);
    struct definition definition = {node, false};
    if (!arena_try(&shell.arena, define, &definition))
        shell_complain("out of memory");
    shell.status = definition.done ? 0 : STATUS_ERROR;
    arena_release(&shell.arena, mark);
}

/* ---- Structure ---- */

static void execute_member(const struct node *node)
{
    shell.line = node->line;
    if (++shell.depth > DEPTH_MAX) {
        shell_complain("nested too deeply");
        shell_abort(STATUS_USAGE);
    } else if (node->kind == NODE_COMMAND) {
        execute_simple(node);
    } else if (node->kind == NODE_FUNCTION) {
        execute_function(node);
    } else {
        execute_with_redirects(node);
    }
    shell.depth--;
}

static void execute_pipeline(const struct node *node)
{
    shell.tested += node->negated;
    if (node->first->next == NULL && node->first->kind != NODE_SUBSHELL)
        execute_member(node->first);
    else
        shell.status = pipeline_run(node);
    shell.tested -= node->negated;
    if (shell.flow != FLOW_ON)
        return;
    if (node->negated)
        shell.status = shell.status == 0;
    else if (shell.status != 0 && shell.exits_on_error && shell.tested == 0)
        shell.flow = FLOW_EXIT;
    trap_run();
}

static bool joins(const struct node *pipeline)
{
    return pipeline->join == JOIN_ALWAYS || (pipeline->join == JOIN_AND) == (shell.status == 0);
}

static void execute_chain(const struct node *chain)
{
    for (const struct node *node = chain->first; node != NULL && shell.flow == FLOW_ON;
         node = node->next) {
        bool is_tested = node->next != NULL;
        if (!joins(node))
            continue;
        shell.tested += is_tested;
        execute_pipeline(node);
        shell.tested -= is_tested;
    }
}

void execute_list(const struct node *list)
{
    for (const struct node *chain = list->first; chain != NULL && shell.flow == FLOW_ON;
         chain = chain->next) {
        if (shell_interrupted())
            shell_abort(STATUS_INTERRUPTED);
        else if (chain->background)
            shell.status = pipeline_run_background(chain);
        else
            execute_chain(chain);
    }
}

/* ---- Text ---- */

/* Says what is wrong with the text; this ends a script, and takes a prompt to its next line. */
static void syntax_error(const struct parse *parse)
{
    shell.line = parse->line;
    shell_complain("syntax error: %s", parse->error);
    shell_abort(STATUS_USAGE);
}

void execute_text(const char *text, unsigned line)
{
    struct parse parse = {.line = line};
    enum parse_result result = PARSE_COMMAND;
    shell.status = *text == '\0' ? 0 : shell.status;
    while (result == PARSE_COMMAND && shell.flow == FLOW_ON) {
        struct arena arena = {0};
        struct node *tree;
        result = parse_command(&text, &arena, &parse, &tree);
        if (result == PARSE_COMMAND && !shell.checks_only)
            execute_list(tree);
        else if (result == PARSE_ERROR || result == PARSE_INCOMPLETE)
            syntax_error(&parse);
        arena_free(&arena);
    }
}

/* The whole file, allocated; a null pointer and errno. */
static char *read_file(int fd)
{
    size_t used = 0, capacity = 0;
    char *text = NULL;
    ssize_t done;
    do {
        if (capacity - used < 2) {
            capacity = 2 * capacity + 1024;
            char *larger = realloc(text, capacity);
            if (larger == NULL) {
                free(text);
                return NULL;
            }
            text = larger;
        }
        done = read(fd, text + used, capacity - used - 1);
        used += done > 0 ? (size_t)done : 0;
    } while (done > 0);
    text[used] = '\0';
    if (done == 0 && memchr(text, '\0', used) == NULL)
        return text;
    if (done == 0)
        errno = ENOEXEC;
    free(text);
    return NULL;
}

bool execute_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = fd >= 0 ? read_file(fd) : NULL;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    if (text == NULL)
        return false;
    const char *script = shell.script;
    unsigned line = shell.line;
    shell.script = path;
    execute_text(text, 1);
    shell.script = script;
    shell.line = line;
    free(text);
    return true;
}
