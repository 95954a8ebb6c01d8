/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "text.h"

/* ---- Lines ---- */

static bool take_literal(struct text_scanner *line, const char *expected)
{
    char word[CONFIG_WORD_MAX];
    return text_take_word(line, word, sizeof word) && strcmp(word, expected) == 0;
}

static bool is_number(const char *word, uint32_t *value)
{
    struct text_scanner whole = {word, word + strlen(word)};
    return text_take_number(&whole, value);
}

/* N, N+1/SHARE or `rest`. */
static bool take_kernel_pages(struct text_scanner *line, struct server_config *server)
{
    char word[CONFIG_WORD_MAX];

    server->kernel_share = 0;
    server->kernel_pages = CONFIG_REST;
    if (!text_take_word(line, word, sizeof word))
        return false;
    if (strcmp(word, "rest") == 0)
        return true;
    char *share = strstr(word, "+1/");
    if (share != NULL) {
        if (!is_number(share + 3, &server->kernel_share) || server->kernel_share == 0)
            return false;
        *share = '\0';
    }
    return is_number(word, &server->kernel_pages);
}

static bool take_server(struct text_scanner *line, struct config *config)
{
    if (config->servers == CONFIG_SERVERS_MAX)
        return false;
    struct server_config *server = &config->server[config->servers];
    bool good = text_take_word(line, server->name, sizeof server->name) &&
                config_find(config, server->name) == config->servers &&
                take_literal(line, "priority") && text_take_number(line, &server->priority) &&
                take_literal(line, "kernel") && take_kernel_pages(line, server) &&
                take_literal(line, "memory") && text_take_number(line, &server->memory_pages);
    config->servers += good;
    return good;
}

static bool take_portal(struct text_scanner *line, struct grant *grant)
{
    return text_take_number(line, &grant->slot) &&
           text_take_word(line, grant->word, sizeof grant->word) &&
           text_take_number(line, &grant->number);
}

static bool take_kernel(struct text_scanner *line, struct grant *grant)
{
    return text_take_number(line, &grant->slot);
}

static bool take_irq(struct text_scanner *line, struct grant *grant)
{
    return text_take_number(line, &grant->slot) && text_take_number(line, &grant->number) &&
           grant->number < 16;
}

static bool take_io(struct text_scanner *line, struct grant *grant)
{
    return text_take_number(line, &grant->number) && text_take_number(line, &grant->count) &&
           grant->number < 0x10000 && grant->count <= 0x10000 - grant->number;
}

static bool take_nothing(struct text_scanner *line, struct grant *grant)
{
    (void)line;
    (void)grant;
    return true;
}

static bool take_name(struct text_scanner *line, struct grant *grant)
{
    return text_take_word(line, grant->word, sizeof grant->word) &&
           text_take_number(line, &grant->number);
}

static bool take_port(struct text_scanner *line, struct grant *grant)
{
    return text_take_number(line, &grant->slot) &&
           text_take_word(line, grant->word, sizeof grant->word);
}

static bool take_label(struct text_scanner *line, struct grant *grant)
{
    return text_take_word(line, grant->word, sizeof grant->word);
}

static const struct {
    const char *word;
    enum grant_kind kind;
    bool (*take)(struct text_scanner *line, struct grant *grant);
} grant_kinds[] = {
    {"portal", GRANT_PORTAL, take_portal},
    {"kernel", GRANT_KERNEL, take_kernel},
    {"irq", GRANT_IRQ, take_irq},
    {"io", GRANT_IO, take_io},
    {"archive", GRANT_ARCHIVE, take_nothing},
    {"name", GRANT_NAME, take_name},
    {"port", GRANT_PORT, take_port},
    {"label", GRANT_LABEL, take_label},
};

static bool take_grant(const char *word, struct text_scanner *line, struct config *config)
{
    if (config->servers == 0 || config->grants == CONFIG_GRANTS_MAX)
        return false;
    struct grant *grant = &config->grant[config->grants];
    for (uint32_t i = 0; i < sizeof grant_kinds / sizeof grant_kinds[0]; i++) {
        if (strcmp(word, grant_kinds[i].word) != 0)
            continue;
        *grant = (struct grant){.kind = grant_kinds[i].kind, .server = config->servers - 1};
        config->grants++;
        return grant_kinds[i].take(line, grant);
    }
    return false;
}

static bool take_line(struct text_scanner *line, struct config *config)
{
    char word[CONFIG_WORD_MAX];
    bool good;

    if (text_at_end(line))
        return true;
    if (!text_take_word(line, word, sizeof word))
        return false;
    if (strcmp(word, "server") == 0)
        good = take_server(line, config);
    else if (strcmp(word, "init") == 0)
        good = text_take_word(line, config->init, sizeof config->init);
    else
        good = take_grant(word, line, config);
    return good && text_at_end(line);
}

/* ---- The whole ---- */

static bool portals_lead_somewhere(const struct config *config)
{
    for (uint32_t i = 0; i < config->grants; i++)
        if (config->grant[i].kind == GRANT_PORTAL &&
            config_find(config, config->grant[i].word) == config->servers)
            return false;
    return true;
}

uint32_t config_read(const char *text, uint32_t length, struct config *config)
{
    const char *end = text + length;
    uint32_t number = 0;

    memset(config, 0, sizeof *config);
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *line_end = newline != NULL ? newline : end;
        const char *comment = memchr(text, '#', (size_t)(line_end - text));
        struct text_scanner line = {.at = text, .end = comment != NULL ? comment : line_end};

        number++;
        if (!take_line(&line, config))
            return number;
        text = newline != NULL ? newline + 1 : end;
    }
    if (config->servers == 0 || strcmp(config->server[0].name, "mem") != 0 ||
        !portals_lead_somewhere(config))
        return number + 1;
    return 0;
}

uint32_t config_find(const struct config *config, const char *name)
{
    uint32_t i = 0;

    while (i < config->servers && strcmp(config->server[i].name, name) != 0)
        i++;
    return i;
}
