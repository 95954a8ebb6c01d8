/* SPDX-License-Identifier: MIT */
/* Servers: their ports, what they are given, whether they live. */
#include "root.h"

#include <string.h>

#include <iris/ipc.h>
#include <iris/vdso.h>

#include "names.h"   /* generated from servers/names/names.idl */
#include "process.h" /* generated from servers/proc/process.idl */
#include "service.h"
#include "slots.h"
#include "stub.h"
#include "text.h"

#define PATIENCE_NS 20000000000ull /* a server that has not answered by then never will */
#define ROOT_RESERVE 32u           /* kernel pages that root keeps when a server gets the rest */

struct server servers[CONFIG_SERVERS_MAX];

uint32_t root_slot(void)
{
    int slot = iris_slot_alloc();
    return slot > 0 ? (uint32_t)slot : 0;
}

/* ---- Ports and portals ---- */

bool servers_make_ports(void)
{
    for (uint32_t i = 0; i < config.servers; i++) {
        servers[i].port = root_slot();
        int status = iris_port_create(servers[i].port);
        if (status >= 0) {
            servers[i].service = server_portal(i, SERVER_BADGE_ROOT);
            status = servers[i].service != 0 ? 0 : -ENOMEM;
        }
        if (status < 0) {
            stage_failed(error_name(status), "ports", NULL);
            return false;
        }
    }
    return true;
}

static uint32_t make_portal(uint32_t port, uint32_t badge, uint32_t rights, uint32_t mask)
{
    uint32_t slot = root_slot();

    if (slot == 0 || iris_portal_create(port, slot, badge, rights | IRIS_RIGHT_COPY, mask) < 0)
        return 0;
    return slot;
}

static struct {
    uint32_t server, badge, slot;
} portals[CONFIG_GRANTS_MAX + CONFIG_SERVERS_MAX];
static uint32_t portals_count;

uint32_t server_portal(uint32_t index, uint32_t badge)
{
    for (uint32_t i = 0; i < portals_count; i++)
        if (portals[i].server == index && portals[i].badge == badge)
            return portals[i].slot;
    uint32_t slot = make_portal(servers[index].port, badge, IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY, 0);
    if (slot != 0 && portals_count < sizeof portals / sizeof portals[0]) {
        portals[portals_count].server = index;
        portals[portals_count].badge = badge;
        portals[portals_count++].slot = slot;
    }
    return slot;
}

uint32_t server_watch(uint32_t index)
{
    return make_portal(root_port, ROOT_WATCH_BADGE + index, IRIS_RIGHT_CALL, 0);
}

/* ---- What a server gets ---- */

static int map_archive(uint32_t space)
{
    uint32_t pages = (archive.size + IRIS_PAGE_SIZE - 1) / IRIS_PAGE_SIZE;

    for (uint32_t done = 0; done < pages;) {
        uint32_t address = SERVER_ARCHIVE + done * IRIS_PAGE_SIZE;
        int count = iris_memory_map(space, address, 0, address, pages - done, 0);
        if (count <= 0)
            return count < 0 ? count : -ENOMEM;
        done += (uint32_t)count;
    }
    return 0;
}

/* One more port for a server, whose name at names is a portal that can do nothing. */
static int give_port(const struct launch *launch, struct grant *grant)
{
    uint32_t port = root_slot();
    int status = iris_port_create(port);

    if (status < 0)
        return status;
    grant->portal = make_portal(port, 0, 0, 0);
    status = launch_give(launch, port, grant->slot, IRIS_RIGHT_ALL | IRIS_MOVE);
    iris_slot_free(port);
    return grant->portal != 0 ? status : -ENOMEM;
}

static int give_one(const struct launch *launch, struct grant *grant)
{
    switch (grant->kind) {
    case GRANT_PORTAL:
        return launch_give(launch, server_portal(config_find(&config, grant->word), grant->number),
                           grant->slot, IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY);
    case GRANT_KERNEL:
        return launch_give(launch, IRIS_SLOT_ROOT_KERNEL, grant->slot, IRIS_RIGHT_CONTROL);
    case GRANT_IRQ:
        return launch_give(launch, IRIS_SLOT_ROOT_IRQ + grant->number, grant->slot,
                           IRIS_RIGHT_CONTROL);
    case GRANT_IO:
        return iris_io_permit(IRIS_SLOT_ROOT_IO, launch->space, grant->number, grant->count);
    case GRANT_ARCHIVE:
        return map_archive(launch->space);
    case GRANT_PORT:
        return give_port(launch, grant);
    default: /* names are registered when all servers run */
        return 0;
    }
}

/* The portals to a server must all exist before its port is given away. */
static int make_portals(uint32_t index)
{
    for (uint32_t i = 0; i < config.grants; i++) {
        struct grant *grant = &config.grant[i];
        if (grant->kind == GRANT_PORTAL && config_find(&config, grant->word) == index &&
            server_portal(index, grant->number) == 0)
            return -ENOMEM;
        if (grant->server != index)
            continue;
        if (grant->kind == GRANT_NAME)
            grant->portal = server_portal(index, grant->number);
        else if (grant->kind == GRANT_LABEL)
            grant->portal = make_portal(servers[index].port, 0, 0, 0);
        else
            continue;
        if (grant->portal == 0)
            return -ENOMEM;
    }
    return 0;
}

int server_give(uint32_t index)
{
    const struct launch *launch = &servers[index].launch;
    int status = make_portals(index);

    for (uint32_t i = 0; i < config.grants && status >= 0; i++)
        if (config.grant[i].server == index)
            status = give_one(launch, &config.grant[i]);
    if (status >= 0)
        status =
            launch_give(launch, servers[index].port, SERVER_SLOT_PORT, IRIS_RIGHT_ALL | IRIS_MOVE);
    if (status == 0)
        iris_slot_free(servers[index].port);
    return status;
}

/* ---- Starting ---- */

/* Any server answers this question; its loop runs when it does. */
int server_is_alive(uint32_t index)
{
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_NARROW, 1) | IRIS_TAG_DEADLINE};

    iris_utcb()->deadline = iris_clock_monotonic() + PATIENCE_NS;
    iris_ipc_raw(servers[index].service, &m);
    return iris_tag_error(m.tag);
}

/* What a mapped archive costs: 40 bytes a page for its record and in two tables; rounded up. */
static uint32_t archive_kernel_pages(uint32_t index)
{
    bool mapped = index == 0; /* mem does it itself */

    for (uint32_t i = 0; i < config.grants; i++)
        mapped |= config.grant[i].server == index && config.grant[i].kind == GRANT_ARCHIVE;
    return mapped ? archive.size / IRIS_PAGE_SIZE / 100 + 4 : 0;
}

uint32_t server_kernel_pages(uint32_t index)
{
    const struct server_config *wanted = &config.server[index];
    struct iris_space_info info;

    if (iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &info, 1) != 1)
        return 0;
    uint32_t left = info.pages_limit - info.pages_used;
    if (wanted->kernel_pages == CONFIG_REST)
        return left > ROOT_RESERVE ? left - ROOT_RESERVE : 0;
    return wanted->kernel_pages + archive_kernel_pages(index) +
           (wanted->kernel_share != 0 ? left / wanted->kernel_share : 0);
}

/* "IRIS_IRQ=8:11 14:12" (line and slot), "IRIS_IO=0x70+2": for libraries that cannot know what
   boot.conf says. Nothing if there is no such grant. */
static uint32_t add_grants(struct text_line *line, uint32_t index, enum grant_kind kind)
{
    const char *before = kind == GRANT_IRQ ? "IRIS_IRQ=" : "IRIS_IO=";
    bool any = false;

    for (uint32_t i = 0; i < config.grants; i++) {
        const struct grant *grant = &config.grant[i];
        if (grant->server != index || grant->kind != kind)
            continue;
        text_add(line, any ? " " : before);
        any = true;
        if (kind == GRANT_IO)
            text_add(line, "0x");
        if (kind == GRANT_IO)
            text_add_hex(line, grant->number, 4);
        else
            text_add_decimal(line, grant->number, 0);
        text_add(line, kind == GRANT_IO ? "+" : ":");
        text_add_decimal(line, kind == GRANT_IO ? grant->count : grant->slot, 0);
    }
    if (any)
        text_add_bytes(line, "", 1);
    return any;
}

/* Two names, and of each grant a blank and "0x12345678+65536" at most. */
#define GRANTS_TEXT (32u + CONFIG_GRANTS_MAX * 18u)

/* argv: its name and the size of the archive. The environment: which interrupts and ports it has.
 */
static void make_arguments(struct launch *l, uint32_t index, char *strings, uint32_t size)
{
    struct text_line line = text_begin(strings, size);

    text_add(&line, config.server[index].name);
    text_add_bytes(&line, "", 1);
    text_add_decimal(&line, archive.size, 0);
    text_add_bytes(&line, "", 1);
    l->argc = 2;
    l->envc = add_grants(&line, index, GRANT_IRQ);
    l->envc += add_grants(&line, index, GRANT_IO);
    l->strings = strings;
    l->strings_size = line.length;
}

static int launch(uint32_t index)
{
    const struct server_config *wanted = &config.server[index];
    struct launch *l = &servers[index].launch;
    static char strings[CONFIG_WORD_MAX + 16 + GRANTS_TEXT];
    char path[CONFIG_WORD_MAX + 8];
    struct tar_file file;

    text_join(path, sizeof path, "bin/", wanted->name, NULL);
    if (!tar_find(&archive, path, &file)) {
        l->problem = "its program is missing from the boot archive";
        return -ENOENT;
    }
    *l = (struct launch){.file = archive.data + file.offset,
                         .file_size = file.size,
                         .archive_offset = file.offset,
                         .control = servers[0].service,
                         .watch = server_watch(index),
                         .priority = wanted->priority,
                         .ceiling = wanted->priority,
                         .kernel_pages = server_kernel_pages(index),
                         .quota_pages = wanted->memory_pages,
                         .populate = true,
                         .path = path};
    make_arguments(l, index, strings, sizeof strings);
    int status = launch_create(l);
    if (status >= 0)
        status = server_give(index);
    if (status >= 0)
        status = launch_start(l);
    l->path = l->strings = NULL; /* they end with this function, or serve the next */
    return status >= 0 ? server_is_alive(index) : status;
}

bool server_start(uint32_t index)
{
    const char *name = config.server[index].name;
    int status = launch(index);
    const char *problem = servers[index].launch.problem;

    if (status < 0)
        stage_failed(error_name(status), "server ", name, problem != NULL ? ", " : NULL, problem,
                     NULL);
    else
        stage_ok("server ", name, NULL);
    return status >= 0;
}

/* ---- Making them known ---- */

static int register_root(uint32_t names)
{
    uint32_t portal = make_portal(root_port, 0, 0, 0);
    int status = names_register(names, "service/root", portal);

    iris_handle_discard(portal);
    return status;
}

bool servers_register_names(void)
{
    uint32_t names = servers[config_find(&config, "names")].service;
    int status = register_root(names);

    for (uint32_t i = 0; i < config.grants && status == 0; i++) {
        const struct grant *grant = &config.grant[i];
        if (grant->portal != 0)
            status = names_register(names, grant->word, grant->portal);
        if (status < 0)
            stage_failed(error_name(status), "names: ", grant->word, NULL);
    }
    if (status == 0)
        stage_ok("names registered", NULL);
    return status == 0;
}

bool servers_adopt(void)
{
    uint32_t proc = servers[config_find(&config, "proc")].service, pid;
    int status = process_registry_adopt(proc, "root", IRIS_SLOT_SPACE, 0, &pid);

    for (uint32_t i = 0; i < config.servers && status == 0; i++)
        status = process_registry_adopt(proc, config.server[i].name, servers[i].launch.space,
                                        servers[i].launch.client, &pid);
    if (status < 0)
        stage_failed(error_name(status), "process table", NULL);
    else
        stage_ok("process table", NULL);
    return status == 0;
}
