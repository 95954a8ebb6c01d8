/* SPDX-License-Identifier: MIT */
/*
 * The grammar (POSIX XCU 2.10.2), by recursive descent. Reserved words are words that stand where a
 * command begins; so each function here looks at the token in hand, takes what is its own, and
 * leaves the next token in the hand.
 */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

static struct node *parse_list(struct lexer *lexer, bool one_line);

/* ---- Words as they were written ---- */

static bool at_word(const struct lexer *lexer, const char *word)
{
    return lexer->token == TOKEN_WORD && strcmp(lexer->word, word) == 0;
}

/* Where a list within something ends. */
static bool at_list_end(const struct lexer *lexer)
{
    static const char *const ends[] = {"then", "else", "elif", "fi", "do", "done", "esac", "}"};
    if (lexer->token != TOKEN_WORD)
        return lexer->token == TOKEN_END || lexer->token == TOKEN_CLOSE ||
               lexer->token == TOKEN_BREAK;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcmp(lexer->word, ends[i]) == 0)
            return true;
    return false;
}

static void fail_here(struct lexer *lexer) __attribute__((noreturn));
static void fail_here(struct lexer *lexer)
{
    struct text message = {.arena = lexer->arena};
    if (lexer->token == TOKEN_END)
        lex_fail_incomplete(lexer, "a command is missing at the end");
    text_put_string(&message, "unexpected ");
    if (lexer->token == TOKEN_NEWLINE)
        text_put_string(&message, "end of line");
    else
        text_put(&message, lexer->start, (size_t)(lexer->at - lexer->start));
    lex_fail(lexer, text_string(&message));
}

static void expect_word(struct lexer *lexer, const char *word)
{
    struct text message = {.arena = lexer->arena};
    if (at_word(lexer, word)) {
        lex_next(lexer);
        return;
    }
    text_put_string(&message, "missing ");
    text_put_string(&message, word);
    if (lexer->token == TOKEN_END)
        lex_fail_incomplete(lexer, text_string(&message));
    lex_fail(lexer, text_string(&message));
}

static void skip_newlines(struct lexer *lexer)
{
    while (lexer->token == TOKEN_NEWLINE)
        lex_next(lexer);
}

static struct node *new_node(struct lexer *lexer, enum node_kind kind)
{
    struct node *node = arena_take(lexer->arena, sizeof *node);
    *node = (struct node){.kind = kind, .line = lexer->line};
    return node;
}

/* ---- Simple commands ---- */

/* Adds the word in hand to a list; returns the place for the next one. */
static struct word **take_word(struct lexer *lexer, struct word **place)
{
    *place = arena_take(lexer->arena, sizeof **place);
    **place = (struct word){.text = lexer->word};
    lex_next(lexer);
    return &(*place)->next;
}

static struct redirect **take_redirect(struct lexer *lexer, struct redirect **place)
{
    struct redirect *redirect = lexer->redirect;
    lex_next(lexer);
    if (lexer->token != TOKEN_WORD)
        lex_fail(lexer, "a redirection needs a target");
    redirect->target = lexer->word;
    if (redirect->kind == REDIRECT_DOCUMENT)
        lex_expect_document(lexer, redirect);
    lex_next(lexer);
    *place = redirect;
    return &redirect->next;
}

static void take_redirects(struct lexer *lexer, struct node *node)
{
    struct redirect **place = &node->redirects;
    while (lexer->token == TOKEN_REDIRECT)
        place = take_redirect(lexer, place);
}

static bool is_assignment(const char *word)
{
    const char *equals = strchr(word, '=');
    return equals != NULL && lex_is_name(word, (size_t)(equals - word));
}

/* `name ( )` begins a function: its body is any compound command. */
static void parse_function(struct lexer *lexer, struct node *node);

static struct node *parse_simple(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_COMMAND);
    struct word **assignment = &node->assignments, **word = &node->words;
    struct redirect **redirect = &node->redirects;
    for (;;) {
        if (lexer->token == TOKEN_REDIRECT)
            redirect = take_redirect(lexer, redirect);
        else if (lexer->token == TOKEN_WORD && node->words == NULL && is_assignment(lexer->word))
            assignment = take_word(lexer, assignment);
        else if (lexer->token == TOKEN_WORD)
            word = take_word(lexer, word);
        else
            break;
    }
    if (lexer->token == TOKEN_OPEN && node->words != NULL && node->words->next == NULL &&
        node->assignments == NULL && node->redirects == NULL)
        parse_function(lexer, node);
    else if (node->words == NULL && node->assignments == NULL && node->redirects == NULL)
        fail_here(lexer);
    return node;
}

/* ---- Compound commands ---- */

static struct node *parse_body(struct lexer *lexer, const char *end)
{
    struct node *body = parse_list(lexer, false);
    expect_word(lexer, end);
    return body;
}

/* if, elif: the word is in hand. */
static struct node *parse_if(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_IF);
    lex_next(lexer);
    node->first = parse_body(lexer, "then");
    node->second = parse_list(lexer, false);
    if (at_word(lexer, "elif")) {
        lex_enter(lexer);
        node->third = parse_if(lexer);
        lex_leave(lexer);
        return node;
    }
    if (at_word(lexer, "else")) {
        lex_next(lexer);
        node->third = parse_list(lexer, false);
    }
    expect_word(lexer, "fi");
    return node;
}

static struct node *parse_loop(struct lexer *lexer, enum node_kind kind)
{
    struct node *node = new_node(lexer, kind);
    lex_next(lexer);
    node->first = parse_body(lexer, "do");
    node->second = parse_body(lexer, "done");
    return node;
}

static const char *take_name(struct lexer *lexer)
{
    const char *name = lexer->word;
    if (lexer->token != TOKEN_WORD)
        fail_here(lexer);
    lex_next(lexer);
    return name;
}

static struct node *parse_for(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_FOR);
    struct word **word = &node->words;
    lex_next(lexer);
    node->name = take_name(lexer);
    if (!lex_is_name(node->name, strlen(node->name)))
        lex_fail(lexer, "for needs a name");
    skip_newlines(lexer);
    if (at_word(lexer, "in")) {
        node->in = true;
        lex_next(lexer);
        while (lexer->token == TOKEN_WORD)
            word = take_word(lexer, word);
        if (lexer->token != TOKEN_SEMICOLON && lexer->token != TOKEN_NEWLINE)
            fail_here(lexer);
    }
    if (lexer->token == TOKEN_SEMICOLON)
        lex_next(lexer);
    skip_newlines(lexer);
    expect_word(lexer, "do");
    node->first = parse_body(lexer, "done");
    return node;
}

static struct case_item *parse_item(struct lexer *lexer)
{
    struct case_item *item = arena_take(lexer->arena, sizeof *item);
    struct word **pattern = &item->patterns;
    *item = (struct case_item){0};
    if (lexer->token == TOKEN_OPEN)
        lex_next(lexer);
    for (;;) {
        if (lexer->token != TOKEN_WORD)
            fail_here(lexer);
        pattern = take_word(lexer, pattern);
        if (lexer->token != TOKEN_PIPE)
            break;
        lex_next(lexer);
    }
    if (lexer->token != TOKEN_CLOSE)
        lex_fail(lexer, "missing ) behind a pattern");
    lex_next(lexer);
    skip_newlines(lexer);
    if (!at_list_end(lexer))
        item->body = parse_list(lexer, false);
    if (lexer->token == TOKEN_BREAK)
        lex_next(lexer);
    else if (!at_word(lexer, "esac"))
        expect_word(lexer, "esac");
    skip_newlines(lexer);
    return item;
}

static struct node *parse_case(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_CASE);
    struct case_item **item = &node->items;
    lex_next(lexer);
    node->name = take_name(lexer);
    skip_newlines(lexer);
    expect_word(lexer, "in");
    skip_newlines(lexer);
    while (!at_word(lexer, "esac")) {
        *item = parse_item(lexer);
        item = &(*item)->next;
    }
    lex_next(lexer);
    return node;
}

static struct node *parse_group(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_GROUP);
    lex_next(lexer);
    node->first = parse_body(lexer, "}");
    return node;
}

static struct node *parse_subshell(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_SUBSHELL);
    lex_next(lexer);
    node->first = parse_list(lexer, false);
    if (lexer->token == TOKEN_END)
        lex_fail_incomplete(lexer, "missing )");
    if (lexer->token != TOKEN_CLOSE)
        fail_here(lexer);
    lex_next(lexer);
    return node;
}

/* NULL: no compound command begins here. */
static struct node *parse_compound(struct lexer *lexer)
{
    if (lexer->token == TOKEN_OPEN)
        return parse_subshell(lexer);
    if (at_word(lexer, "{"))
        return parse_group(lexer);
    if (at_word(lexer, "if"))
        return parse_if(lexer);
    if (at_word(lexer, "while"))
        return parse_loop(lexer, NODE_WHILE);
    if (at_word(lexer, "until"))
        return parse_loop(lexer, NODE_UNTIL);
    if (at_word(lexer, "for"))
        return parse_for(lexer);
    return at_word(lexer, "case") ? parse_case(lexer) : NULL;
}

static struct node *parse_member(struct lexer *lexer)
{
    lex_enter(lexer);
    if (lexer->token == TOKEN_WORD && at_list_end(lexer))
        fail_here(lexer);
    struct node *node = parse_compound(lexer);
    if (node != NULL)
        take_redirects(lexer, node);
    else
        node = parse_simple(lexer);
    lex_leave(lexer);
    return node;
}

static void parse_function(struct lexer *lexer, struct node *node)
{
    node->kind = NODE_FUNCTION;
    node->name = node->words->text;
    if (!lex_is_name(node->name, strlen(node->name)))
        lex_fail(lexer, "a function needs a name");
    lex_next(lexer);
    if (lexer->token != TOKEN_CLOSE)
        fail_here(lexer);
    lex_next(lexer);
    skip_newlines(lexer);
    node->words = NULL;
    node->first = parse_compound(lexer);
    if (node->first == NULL)
        fail_here(lexer);
    take_redirects(lexer, node->first);
}

/* ---- Pipelines and lists ---- */

static struct node *parse_pipeline(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_PIPELINE), **member = &node->first;
    while (at_word(lexer, "!")) {
        node->negated = !node->negated;
        lex_next(lexer);
    }
    for (;;) {
        *member = parse_member(lexer);
        member = &(*member)->next;
        if (lexer->token != TOKEN_PIPE)
            return node;
        lex_next(lexer);
        skip_newlines(lexer);
    }
}

static struct node *parse_chain(struct lexer *lexer)
{
    struct node *node = new_node(lexer, NODE_CHAIN), **link = &node->first;
    enum join join = JOIN_ALWAYS;
    for (;;) {
        *link = parse_pipeline(lexer);
        (*link)->join = join;
        link = &(*link)->next;
        if (lexer->token != TOKEN_AND && lexer->token != TOKEN_OR)
            return node;
        join = lexer->token == TOKEN_AND ? JOIN_AND : JOIN_OR;
        lex_next(lexer);
        skip_newlines(lexer);
    }
}

/* Takes what separates two commands; false: there is nothing more. */
static bool take_separator(struct lexer *lexer, struct node *chain, bool one_line)
{
    bool separated = lexer->token == TOKEN_SEMICOLON || lexer->token == TOKEN_BACKGROUND;
    chain->background = lexer->token == TOKEN_BACKGROUND;
    if (separated)
        lex_next(lexer);
    if (one_line)
        return separated && lexer->token != TOKEN_END && lexer->token != TOKEN_NEWLINE;
    separated = separated || lexer->token == TOKEN_NEWLINE;
    skip_newlines(lexer);
    return separated && !at_list_end(lexer);
}

/* Up to the line's end, or up to what ends a list within something. */
static struct node *parse_list(struct lexer *lexer, bool one_line)
{
    struct node *node = new_node(lexer, NODE_LIST), **chain = &node->first, *last;
    if (!one_line)
        skip_newlines(lexer);
    do {
        last = *chain = parse_chain(lexer);
        chain = &last->next;
    } while (take_separator(lexer, last, one_line));
    return node;
}

/* ---- Ways in ---- */

const char *parse_substitution(struct lexer *lexer, const char *at)
{
    /* The token in hand is kept: this happens in the middle of a word. */
    struct lexer outer = *lexer;
    lexer->at = at;
    lexer->document_count = 0;
    lex_next(lexer);
    skip_newlines(lexer);
    if (lexer->token != TOKEN_CLOSE)
        parse_list(lexer, false);
    if (lexer->token == TOKEN_END)
        lex_fail_incomplete(lexer, "missing )");
    if (lexer->token != TOKEN_CLOSE)
        fail_here(lexer);
    at = lexer->at;
    lexer->at = outer.at;
    lexer->line = outer.line; /* the word's lines are counted as a whole */
    lexer->token = outer.token;
    lexer->start = outer.start;
    lexer->word = outer.word;
    lexer->redirect = outer.redirect;
    lexer->document_count = outer.document_count;
    memcpy(lexer->documents, outer.documents, sizeof outer.documents);
    return at;
}

static struct node *parse_complete(struct lexer *lexer)
{
    struct node *tree = NULL;
    lex_next(lexer);
    skip_newlines(lexer);
    if (lexer->token != TOKEN_END)
        tree = parse_list(lexer, true);
    if (lexer->token != TOKEN_END && lexer->token != TOKEN_NEWLINE)
        fail_here(lexer);
    return tree;
}

/* parse_command's work: what it was asked for, and how it went. */
struct request {
    const char **text;
    struct arena *arena;
    struct parse *parse;
    struct node **tree;
    enum parse_result result;
};

static bool parse_request(void *context)
{
    struct request *request = context;
    struct lexer lexer = {
        .at = *request->text, .line = request->parse->line, .arena = request->arena};
    if (setjmp(lexer.failure) == 0) {
        *request->tree = parse_complete(&lexer);
        *request->text = lexer.at;
        request->result = *request->tree != NULL ? PARSE_COMMAND : PARSE_END;
    } else {
        request->result = lexer.is_incomplete ? PARSE_INCOMPLETE : PARSE_ERROR;
    }
    request->parse->error = lexer.error;
    request->parse->line = lexer.line;
    return true;
}

enum parse_result parse_command(const char **text, struct arena *arena, struct parse *parse,
                                struct node **tree)
{
    struct request request = {text, arena, parse, tree, PARSE_ERROR};
    if (!arena_try(arena, parse_request, &request))
        parse->error = "out of memory";
    return request.result;
}
