/* SPDX-License-Identifier: MIT */
/* The first process: the shell, or what `init=` on the kernel's command line says. */
#include "child.h"
#include "root.h"

#include <string.h>
#include <sys/wait.h>

#include <iris/datapage.h>
#include <iris/vdso.h>

#include "log.h" /* generated from servers/log/log.idl */
#include "service.h"
#include "slots.h"
#include "text.h"

#define QUICK_NS 1000000000ull /* an init that ends sooner, so often in a row, is given up */
#define QUICK_ENDS 3

static struct {
    char name[64], path[80];
    bool only_once; /* it was asked for by `init=`, and is not the usual one */
    uint32_t pid, child;
    uint64_t started;
    uint32_t quick_ends;
} init;

/* The word after `init=`, or what boot.conf says. */
static void find_name(char *value, uint32_t size)
{
    const struct iris_data_page *page = (const struct iris_data_page *)IRIS_DATA_PAGE;
    uint32_t length = (uint32_t)strnlen(page->command_line, sizeof page->command_line);
    struct text_scanner line = {.at = page->command_line, .end = page->command_line + length};
    char word[72];

    text_join(value, size, config.init, NULL);
    while (!text_at_end(&line) && text_take_word(&line, word, sizeof word))
        if (strncmp(word, "init=", 5) == 0 && word[5] != '\0')
            text_join(value, size, word + 5, NULL);
}

static void choose(const char *name)
{
    text_join(init.name, sizeof init.name, name, NULL);
    text_join(init.path, sizeof init.path, strchr(name, '/') != NULL ? "" : "bin/", name, NULL);
    init.only_once = strcmp(name, config.init) != 0;
}

static int spawn(void)
{
    static const char environment[] = "PATH=/bin\0TERM=vt100\0PWD=/";
    uint32_t proc = servers[config_find(&config, "proc")].service;
    uint32_t terminal = server_portal(config_find(&config, "console"), SERVER_BADGE_PUBLIC);
    char strings[sizeof init.name + sizeof environment];
    uint32_t length = (uint32_t)strlen(init.name) + 1;

    memcpy(strings, init.name, length);
    memcpy(strings + length, environment, sizeof environment);
    init.started = iris_clock_monotonic();
    const struct iris_file_slot files[] = CHILD_STANDARD_FILES(terminal, terminal, terminal);
    struct child child = {.path = init.path,
                          .block = strings,
                          .block_size = length + sizeof environment,
                          .argc = 1,
                          .envc = 3,
                          .files = files,
                          .files_count = 3};
    int status = child_start(proc, &child);
    init.pid = child.pid;
    init.child = child.control;
    if (status == 0)
        status = process_control_subscribe(init.child, root_notify, ROOT_NOTIFY_INIT);
    return status;
}

/* The driver has the serial line from now on. */
static int hand_over_terminal(void)
{
    uint32_t terminal = server_portal(config_find(&config, "console"), SERVER_BADGE_PUBLIC);
    return log_attach(servers[config_find(&config, "log")].service, terminal);
}

static bool start(const char *name)
{
    choose(name);
    int status = spawn();
    if (status < 0)
        stage_failed(error_name(status), "init ", init.path, NULL);
    else
        stage_ok("init ", init.path, NULL);
    return status == 0;
}

bool init_start(void)
{
    char name[sizeof init.name];
    int status = hand_over_terminal();

    if (status < 0) {
        stage_failed(error_name(status), "terminal", NULL);
        return false;
    }
    find_name(name, sizeof name);
    return start(name) || (init.only_once && start(config.init));
}

static void start_again(void)
{
    int status = spawn();

    if (status < 0)
        say("root: ", init.path, " cannot be started again: ", error_name(status), NULL);
}

static bool is_too_quick(void)
{
    bool quick = iris_clock_monotonic() - init.started < QUICK_NS;
    init.quick_ends = quick ? init.quick_ends + 1 : 0;
    return init.quick_ends >= QUICK_ENDS;
}

/* As a shell shows it. */
static int shell_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void init_ended(void)
{
    uint32_t proc = servers[config_find(&config, "proc")].service, pid, status = 0;
    char number[12];
    struct text_line line = text_begin(number, sizeof number);

    if (process_wait(proc, PROCESS_WHICH_ONE, init.pid, PROCESS_WAIT_POLL, &pid, &status) != 0)
        return;
    iris_handle_discard(init.child);
    text_add_decimal(&line, (uint32_t)shell_status((int)status), 0);
    if (init.only_once) {
        say("root: ", init.path, " has ended with status ", number, NULL);
    } else if (is_too_quick()) {
        say("root: ", init.path, " keeps ending at once and is not started again", NULL);
    } else {
        say("root: ", init.path, " has ended with status ", number, ", starting it again", NULL);
        start_again();
    }
}
