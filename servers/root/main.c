/* SPDX-License-Identifier: MIT */
/* The order of things. Each step prints its line of the boot log, or why the boot ends there. */
#include "root.h"

#include "slots.h"
#include "text.h"

struct config config;
uint32_t root_port, root_notify;

/* The C library's way to print before there are files. */
void start_print(const char *message);
void start_print(const char *message) { say("root: ", message, NULL); }

static bool read_config(void)
{
    struct tar_file file;
    char line[12];

    if (!tar_find(&archive, "boot.conf", &file)) {
        stage_failed("it is missing from the boot archive", "boot.conf", NULL);
        return false;
    }
    uint32_t bad = config_read((const char *)archive.data + file.offset, file.size, &config);
    if (bad == 0)
        return true;
    struct text_line number = text_begin(line, sizeof line);
    text_add_decimal(&number, bad, 0);
    stage_failed("it makes no sense", "boot.conf, line ", line, NULL);
    return false;
}

static bool make_own_port(void)
{
    root_port = root_slot();
    root_notify = root_slot();
    return iris_port_create(root_port) >= 0 &&
           iris_portal_create(root_port, root_notify, 0, IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY,
                              ROOT_NOTIFY_INIT) >= 0;
}

static bool start_servers(void)
{
    if (!servers_make_ports() || !first_start())
        return false;
    uint32_t rtc = config_find(&config, "rtc");
    for (uint32_t i = 1; i < config.servers; i++) {
        if (!server_start(i))
            return false;
        if (i == rtc)
            clock_set(servers[i].service);
    }
    return true;
}

int main(void)
{
    iris_slot_reserve_below(IRIS_SLOT_ROOT_FREE);
    if (!make_own_port())
        return 1;
    if (archive_open() && read_config() && start_servers() && servers_register_names() &&
        servers_adopt())
        init_start();
    watch();
}
