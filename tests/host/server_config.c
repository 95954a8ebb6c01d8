/* SPDX-License-Identifier: MIT */
/* boot.conf: the real one, and ones that make no sense. */
#include "../../servers/lib/text.c"

#include "../../servers/root/config.c"

#include "server_check.h"

static struct config config;

static uint32_t read_text(const char *text)
{
    return config_read(text, (uint32_t)strlen(text), &config);
}

#define MEM "server mem priority 46 kernel 100 memory 0\n"

#define GOOD                                                                                       \
    "# a comment\n\n" MEM "  label service/mem # another\n"                                        \
    "server uart priority 0x10 kernel rest memory 32\n"                                            \
    "  irq 11 4\n  io 0x3f8 8\n  portal 12 mem 1\n  archive\n  port 13 a/b\n"                      \
    "init shell"

static void test_good(void)
{
    CHECK(read_text(GOOD) == 0);
    CHECK(config.servers == 2 && config.grants == 6);
    CHECK_TEXT(config.server[1].name, "uart");
    CHECK(config.server[1].priority == 16 && config.server[1].kernel_pages == CONFIG_REST);
    CHECK(config.server[0].kernel_pages == 100 && config.server[0].kernel_share == 0);
    CHECK(read_text("server mem priority 46 kernel 40+1/12 memory 0\ninit shell") == 0);
    CHECK(config.server[0].kernel_pages == 40 && config.server[0].kernel_share == 12);
}

static void test_grants(void)
{
    CHECK(read_text(GOOD) == 0);
    CHECK(config.grant[0].kind == GRANT_LABEL && config.grant[0].server == 0);
    CHECK(config.grant[2].kind == GRANT_IO && config.grant[2].number == 0x3f8 &&
          config.grant[2].count == 8 && config.grant[2].server == 1);
    CHECK(config.grant[3].slot == 12 && config.grant[3].number == 1);
    CHECK_TEXT(config.grant[3].word, "mem");
    CHECK_TEXT(config.init, "shell");
    CHECK(config_find(&config, "uart") == 1 && config_find(&config, "nobody") == 2);
}

static void test_bad(void)
{
    CHECK(read_text("") == 1);                /* no mem */
    CHECK(read_text("  archive\n" MEM) == 1); /* before any server */
    CHECK(read_text(MEM "nonsense\n") == 2);
    CHECK(read_text(MEM "init\n") == 2);
    CHECK(read_text(MEM "init a b\n") == 2);
    CHECK(read_text(MEM MEM) == 2); /* twice */
    CHECK(read_text(MEM "io 0xfff0 17\n") == 2);
    CHECK(read_text(MEM "irq 11 16\n") == 2);
    CHECK(read_text(MEM "irq 11 4294967296\n") == 2);
    CHECK(read_text(MEM "kernel 0x\n") == 2);
    CHECK(read_text("server mem priority 46 kernel 40+1/0 memory 0\n") == 1);
    CHECK(read_text("server mem priority 46 kernel 40+2/3 memory 0\n") == 1);
    CHECK(read_text(MEM "portal 11 nobody 0\n") != 0);
    CHECK(read_text("server names priority 1 kernel 1 memory 1\n" MEM) != 0); /* mem is not first */
    CHECK(read_text("server mem priority 46 kernel 100\n") == 1);
    CHECK(read_text(MEM "name a-path-that-is-longer-than-any-word-may-be 0\n") == 2);
}

static void test_limits(void)
{
    static char text[20000] = MEM;
    char line[80];

    for (unsigned i = 1; i < CONFIG_SERVERS_MAX; i++) {
        snprintf(line, sizeof line, "server s%u priority 1 kernel 1 memory 1\n", i);
        strcat(text, line);
    }
    CHECK(read_text(text) == 0);
    strcat(text, "server more priority 1 kernel 1 memory 1\n");
    CHECK(read_text(text) == CONFIG_SERVERS_MAX + 1);
    strcpy(text, MEM);
    for (unsigned i = 0; i < CONFIG_GRANTS_MAX; i++)
        strcat(text, "kernel 11\n");
    CHECK(read_text(text) == 0);
    strcat(text, "kernel 11\n");
    CHECK(read_text(text) == CONFIG_GRANTS_MAX + 2);
}

/* The file that is used; the test runs in the root of the tree. */
static void test_real(void)
{
    static char text[20000];
    FILE *file = fopen("servers/root/boot.conf", "r");

    CHECK(file != NULL);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    CHECK(length > 0);
    CHECK(config_read(text, (uint32_t)length, &config) == 0);
    CHECK_TEXT(config.init, "shell");
    CHECK(config_find(&config, "names") < config.servers);
    CHECK(config_find(&config, "log") < config.servers);
    CHECK(config_find(&config, "console") < config.servers);
    CHECK(config_find(&config, "proc") < config.servers);
    for (unsigned i = 0; i < 20000; i++) {
        static uint8_t mutated[sizeof text];
        memcpy(mutated, text, length);
        random_damage(mutated, (uint32_t)length, (uint32_t)length);
        config_read((const char *)mutated, (uint32_t)length, &config);
        CHECK(config.servers <= CONFIG_SERVERS_MAX && config.grants <= CONFIG_GRANTS_MAX);
    }
}

int main(void)
{
    check_begin();
    test_good();
    test_grants();
    test_bad();
    test_limits();
    test_real();
    return 0;
}
