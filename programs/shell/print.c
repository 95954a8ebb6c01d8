/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <stdio.h>
#include <string.h>

#include "lex.h"

/* A here-document's text follows at the next end of line. One command has no more of them than the
   lexer takes from a line, and there is an end of line behind each command that has some. */
struct printer {
    struct text *text;
    const struct redirect *documents[LEX_DOCUMENTS];
    unsigned count;
    bool is_short; /* no documents, no ends of lines */
};

static void put(struct printer *printer, const char *string)
{
    text_put_string(printer->text, string);
}

static void end_line(struct printer *printer)
{
    put(printer, "\n");
    for (unsigned i = 0; i < printer->count; i++) {
        const struct redirect *redirect = printer->documents[i];
        put(printer, redirect->document);
        put(printer, redirect->end);
        put(printer, "\n");
    }
    printer->count = 0;
}

static void print_words(struct printer *printer, const struct word *word)
{
    for (; word != NULL; word = word->next) {
        put(printer, word->text);
        if (word->next != NULL)
            put(printer, " ");
    }
}

static void print_redirects(struct printer *printer, const struct redirect *redirect)
{
    static const char *const signs[] = {"<", ">", ">>", "<>", "<&", ">&", "<<"};
    char number[16];
    for (; redirect != NULL; redirect = redirect->next) {
        snprintf(number, sizeof number, " %d", redirect->fd);
        put(printer, number);
        put(printer, signs[redirect->kind]);
        if (redirect->kind == REDIRECT_DOCUMENT && redirect->strips_tabs)
            put(printer, "-");
        put(printer, redirect->target);
        if (redirect->kind == REDIRECT_DOCUMENT && !printer->is_short)
            printer->documents[printer->count++] = redirect;
    }
}

static void print(struct printer *printer, const struct node *node);

static void print_end(struct printer *printer)
{
    if (printer->is_short)
        put(printer, "; ");
    else
        end_line(printer);
}

static void print_list(struct printer *printer, const struct node *list)
{
    for (const struct node *chain = list->first; chain != NULL; chain = chain->next) {
        print(printer, chain);
        if (chain->background)
            put(printer, printer->is_short ? " & " : " &");
        if (chain->next != NULL && !(printer->is_short && chain->background))
            print_end(printer);
    }
}

/* A list with a word before and an end of line behind. */
static void print_part(struct printer *printer, const char *word, const struct node *list)
{
    put(printer, word);
    put(printer, " ");
    print(printer, list);
    const struct node *last = list->first;
    while (last != NULL && last->next != NULL)
        last = last->next;
    if (!(printer->is_short && last != NULL && last->background))
        print_end(printer);
}

static void print_if(struct printer *printer, const struct node *node)
{
    print_part(printer, "if", node->first);
    print_part(printer, "then", node->second);
    for (node = node->third; node != NULL; node = node->third) {
        if (node->kind != NODE_IF) {
            print_part(printer, "else", node);
            break;
        }
        print_part(printer, "elif", node->first);
        print_part(printer, "then", node->second);
    }
    put(printer, "fi");
}

static void print_for(struct printer *printer, const struct node *node)
{
    put(printer, "for ");
    put(printer, node->name);
    put(printer, node->in ? " in " : "");
    print_words(printer, node->words);
    print_end(printer);
    print_part(printer, "do", node->first);
    put(printer, "done");
}

static void print_case(struct printer *printer, const struct node *node)
{
    put(printer, "case ");
    put(printer, node->name);
    put(printer, " in ");
    for (const struct case_item *item = node->items; item != NULL; item = item->next) {
        put(printer, "(");
        for (const struct word *word = item->patterns; word != NULL; word = word->next) {
            put(printer, word->text);
            put(printer, word->next != NULL ? "|" : ")");
        }
        if (item->body != NULL)
            print_part(printer, "", item->body);
        put(printer, ";; ");
    }
    put(printer, "esac");
}

static void print_loop(struct printer *printer, const struct node *node)
{
    print_part(printer, node->kind == NODE_WHILE ? "while" : "until", node->first);
    print_part(printer, "do", node->second);
    put(printer, "done");
}

static void print_joined(struct printer *printer, const struct node *part)
{
    for (; part != NULL; part = part->next) {
        print(printer, part);
        if (part->next == NULL)
            break;
        enum join join = part->next->join;
        put(printer, join == JOIN_AND ? " && " : join == JOIN_OR ? " || " : " | ");
        if (printer->count > 0)
            end_line(printer);
    }
}

static void print_command(struct printer *printer, const struct node *node)
{
    print_words(printer, node->assignments);
    if (node->assignments != NULL && node->words != NULL)
        put(printer, " ");
    print_words(printer, node->words);
}

static void print_bare(struct printer *printer, const struct node *node)
{
    switch (node->kind) {
    case NODE_COMMAND:
        print_command(printer, node);
        break;
    case NODE_PIPELINE:
        put(printer, node->negated ? "! " : "");
        print_joined(printer, node->first);
        break;
    case NODE_CHAIN:
        print_joined(printer, node->first);
        break;
    case NODE_LIST:
        print_list(printer, node);
        break;
    case NODE_GROUP:
        print_part(printer, "{", node->first);
        put(printer, "}");
        break;
    case NODE_SUBSHELL:
        print_part(printer, "(", node->first);
        put(printer, ")");
        break;
    case NODE_IF:
        print_if(printer, node);
        break;
    case NODE_WHILE:
    case NODE_UNTIL:
        print_loop(printer, node);
        break;
    case NODE_FOR:
        print_for(printer, node);
        break;
    case NODE_CASE:
        print_case(printer, node);
        break;
    case NODE_FUNCTION:
        put(printer, node->name);
        put(printer, "() ");
        print(printer, node->first);
        break;
    }
}

static void print(struct printer *printer, const struct node *node)
{
    print_bare(printer, node);
    print_redirects(printer, node->redirects);
}

void print_node(struct text *text, const struct node *node)
{
    struct printer printer = {.text = text};
    print(&printer, node);
    if (printer.count > 0)
        end_line(&printer);
}

void print_short(struct text *text, const struct node *node)
{
    struct printer printer = {.text = text, .is_short = true};
    print(&printer, node);
}
