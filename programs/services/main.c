/* SPDX-License-Identifier: MIT */
/* What the name server knows: paths, who receives there, and which interfaces each answers for. */
#include <stdbool.h>

#include <iris/calls.h>
#include <iris/summary.h>

#include "command.h"
#include "interfaces.h"
#include "slots.h"
#include "who.h"

IRIS_SUMMARY("list services: names, servers, interfaces (each is asked)");

static struct who who;

static const struct {
    const char *name;
    uint32_t id;
} interfaces[] = {
#define SERVICES_INTERFACE(text, number) {(text), (number)},
    IRIS_INTERFACES(SERVICES_INTERFACE)
#undef SERVICES_INTERFACE
};

/* Asks a server for each interface; it answers only for those it serves on this portal. */
static void print_interfaces(uint32_t portal)
{
    for (size_t i = 0; i < sizeof interfaces / sizeof *interfaces; i++)
        if (iris_narrow(portal, interfaces[i].id) == 0)
            printf(" %s", interfaces[i].name);
}

/* The portal itself, where it may be had. Memory and process service are reached by portals that
   only their owner has: so those are our own. 0: none. */
static uint32_t portal_to(const char *path, uint32_t port)
{
    static const uint32_t own[] = {IRIS_SLOT_MEMORY, IRIS_SLOT_PROCESS};
    struct iris_handle_info info;
    uint32_t portal;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (iris_handle_identify(own[i], 0, &info) == 0 && info.port == port)
            return own[i];
    return names_lookup(IRIS_SLOT_NAMES, path, &portal) == 0 ? portal : 0;
}

static void print_service(const char *path, uint32_t port)
{
    const struct who_process *server = who_receives(&who, port);
    uint32_t portal = portal_to(path, port);
    printf("%-26s %5u  %-8s", path, (unsigned)port, server != NULL ? server->name : "?");
    if (portal != 0)
        print_interfaces(portal);
    putchar('\n');
    if (portal >= IRIS_SLOT_FREE)
        iris_handle_discard(portal);
}

int main(int argc, char *argv[])
{
    char path[121];
    uint32_t port;
    int error;
    (void)argv;
    if (argc > 1)
        return command_usage("services", "");
    error = who_load(&who);
    if (error != 0)
        return command_failed("services", "process server", error);
    printf("NAME                        PORT  SERVER   INTERFACES\n");
    for (uint32_t i = 0; (error = names_entry(IRIS_SLOT_NAMES, i, path, &port)) == 0; i++)
        print_service(path, port);
    return error == -ENOENT ? COMMAND_OK : command_failed("services", "name server", error);
}
