/* SPDX-License-Identifier: MIT */
/* After the start: root sleeps until a server faults or ends, or init does. */
#include "root.h"

#include <iris/ipc.h>

#include "memory.h" /* generated from servers/mem/memory.idl */
#include "report.h"
#include "server.h"

static bool read_server(void *context, uint32_t address, void *data, uint32_t size)
{
    const struct launch *launch = context;
    uint32_t count = 0;

    return launch->client != 0 &&
           memory_control_client_read(launch->control, launch->client, address, data, size,
                                      &count) == 0 &&
           count == size;
}

static void print(void *context, const char *line)
{
    (void)context;
    say(line, NULL);
}

static int fault(uint32_t index, const struct iris_message *m)
{
    struct iris_exception exception;

    report_take_exception(m, &exception);
    report_fault(&(struct report){.name = config.server[index].name,
                                  .exception = &exception,
                                  .file = servers[index].launch.file,
                                  .file_size = servers[index].launch.file_size,
                                  .context = &servers[index].launch,
                                  .read = read_server,
                                  .print = print});
    return -EFAULT; /* the thread ends */
}

/* Without its thread a server is of no use: its clients shall learn that it is dead. */
static void ended(uint32_t index)
{
    say("root: server ", config.server[index].name, " has ended", NULL);
    if (index != 0)
        launch_destroy(&servers[index].launch);
}

static int event(void *context, struct iris_request *rq)
{
    const struct iris_message *m = &rq->message;
    uint32_t index = m->badge - ROOT_WATCH_BADGE;

    (void)context;
    if (iris_tag_label(m->tag) == IRIS_EVENT_NOTIFY) {
        if (m->word[0] & ROOT_NOTIFY_INIT)
            init_ended();
        return 0;
    }
    if (index >= config.servers)
        return -EINVAL;
    if (iris_tag_label(m->tag) == IRIS_FAULT_EXCEPTION)
        return fault(index, m);
    if (iris_tag_label(m->tag) == IRIS_EVENT_EXIT && servers[index].launch.space != 0 &&
        m->word[1] != IRIS_EXIT_DESTROYED)
        ended(index);
    return 0;
}

void watch(void)
{
    const struct iris_server server = {.port = root_port, .event = event};

    for (;;)
        iris_server_run(&server);
}
