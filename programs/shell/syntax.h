/* SPDX-License-Identifier: MIT */
/*
 * The shell's language as a tree (POSIX XCU 2.10). Words are kept as they were written, quotes and
 * all: they are expanded (expand.h) each time their command runs. A tree lies in one arena.
 */
#ifndef SHELL_SYNTAX_H
#define SHELL_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

struct word {
    const char *text;
    struct word *next;
};

enum redirect_kind {
    REDIRECT_READ,       /* < */
    REDIRECT_WRITE,      /* > and >| */
    REDIRECT_APPEND,     /* >> */
    REDIRECT_BOTH,       /* <> */
    REDIRECT_COPY_READ,  /* <& */
    REDIRECT_COPY_WRITE, /* >& */
    REDIRECT_DOCUMENT,   /* << and <<- */
};

struct redirect {
    enum redirect_kind kind;
    int fd;
    const char *target;   /* a word: file, descriptor, or the document's end as it was written */
    const char *end;      /* of a document, without quotes */
    const char *document; /* its text */
    bool strips_tabs;     /* <<- */
    struct redirect *next;
};

enum node_kind {
    NODE_COMMAND,  /* assignments, words */
    NODE_PIPELINE, /* first...: members; `negated` */
    NODE_CHAIN,    /* first...: pipelines, each one's `join` says when it runs */
    NODE_LIST,     /* first...: chains; those with `background` are not waited for */
    NODE_GROUP,    /* { first } */
    NODE_SUBSHELL, /* ( first ) */
    NODE_IF,       /* first: condition, second: then, third: else or null */
    NODE_WHILE,    /* first: condition, second: body */
    NODE_UNTIL,
    NODE_FOR,      /* name, words (`in` or the arguments), first: body */
    NODE_CASE,     /* name: the word, items */
    NODE_FUNCTION, /* name, first: body */
};

enum join { JOIN_ALWAYS, JOIN_AND, JOIN_OR };

struct case_item {
    struct word *patterns;
    struct node *body; /* null: nothing to do */
    struct case_item *next;
};

struct node {
    enum node_kind kind;
    unsigned line;
    struct node *next; /* among the parts of the node above */
    struct node *first, *second, *third;
    struct word *assignments, *words;
    struct redirect *redirects;
    const char *name;
    struct case_item *items;
    enum join join;
    bool background, negated, in;
};

#endif
