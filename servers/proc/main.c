/* SPDX-License-Identifier: MIT */
/* The process server's interfaces. Who calls is told by the badge: the pid. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "proc.h"
#include "resident.h"
#include "service.h"
#include "stub.h"
#include "tar.h"
#include "text.h"

#define HEAP_BYTES (96u * 1024) /* some hundred processes at once */

IRIS_ASSERT_TOGETHER(PROCESS_INTERFACE, PROCESS_REGISTRY_INTERFACE);

struct tar archive = {.data = (const uint8_t *)SERVER_ARCHIVE};

/* ---- process: the context is the caller ---- */

/* A parent learns of its child, which goes again if that fails. */
static int give_child(struct process *child, uint32_t *pid, struct iris_handle_out *control)
{
    int status = iris_portal_give(child->control, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, control);

    if (status < 0)
        process_free(child);
    else
        *pid = child->pid;
    return status;
}

static int spawn_child(void *context, struct iris_request *rq, const char *path, uint32_t *pid,
                       struct iris_handle_out *control)
{
    struct process *child;
    int status = spawn(context, path, &child);

    (void)rq;
    return status < 0 ? status : give_child(child, pid, control);
}

static int spawn_child_loaded(void *context, struct iris_request *rq, const char *name,
                              uint32_t size, struct iris_buffer_ref head, uint32_t *pid,
                              struct iris_handle_out *control)
{
    struct process *child;
    int status = spawn_loaded(context, name, size, head, &child);

    (void)rq;
    return status < 0 ? status : give_child(child, pid, control);
}

static int await(void *context, struct iris_request *rq, enum process_which which, uint32_t id,
                 uint32_t flags, uint32_t *pid, uint32_t *status)
{
    struct process *caller = context;
    struct wanted wanted = {caller->pid, which, id, flags};

    if (which == PROCESS_WHICH_GROUP && id == 0)
        wanted.id = caller->group;
    return process_await(rq, caller, &wanted, pid, status);
}

/* No answer finds its way: the caller is part of what ends. */
static int exit_self(void *context, struct iris_request *rq, uint32_t status)
{
    (void)rq;
    process_end(context, (status & 0xff) << 8);
    return 0;
}

static int identify_self(void *context, struct iris_request *rq, uint32_t *pid, uint32_t *parent)
{
    const struct process *caller = context;

    (void)rq;
    *pid = caller->pid;
    *parent = caller->parent;
    return 0;
}

static int entry(void *context, struct iris_request *rq, uint32_t pid, struct process_info *info,
                 char name[NAME_SIZE])
{
    const struct process *process = process_next(pid);

    (void)context;
    (void)rq;
    if (process == NULL)
        return -ENOENT;
    inspect_describe(process, info);
    strcpy(name, process->name);
    return 0;
}

static int inspect(void *context, struct iris_request *rq, uint32_t pid, uint32_t what,
                   uint32_t cursor, struct iris_buffer_ref records, uint32_t *count)
{
    const struct process *process = process_find(pid);

    (void)context;
    (void)rq;
    return process != NULL ? inspect_space(process, what, cursor, records, count) : -ENOENT;
}

/* ---- process: signals and groups ---- */

static int signal_others(void *context, struct iris_request *rq, enum process_which which,
                         uint32_t id, uint32_t signal, const struct signal_note *note)
{
    (void)rq;
    return signal_which(context, which, id, signal, note);
}

static int signals(void *context, struct iris_request *rq, uint64_t taken, uint64_t ignored,
                   uint32_t flags, uint32_t thread, uint32_t portal)
{
    int status = signal_terms(context, taken, ignored, flags, thread, portal);

    if (status == 0 && portal != 0)
        iris_request_claim(rq, portal);
    return status;
}

static int take_signal(void *context, struct iris_request *rq, uint32_t *signal,
                       struct signal_note *note)
{
    (void)rq;
    return signal_take(context, signal, note);
}

static int take_fault(void *context, struct iris_request *rq, struct fault_note *fault)
{
    (void)rq;
    return signal_fault_take(context, fault);
}

static int do_default(void *context, struct iris_request *rq, uint32_t signal)
{
    (void)rq;
    if (signal == 0 || signal >= SIGNALS)
        return -EINVAL;
    signal_default(context, signal);
    return 0;
}

static int tell_group(void *context, struct iris_request *rq, uint32_t pid, uint32_t *group,
                      uint32_t *session)
{
    const struct process *process = pid == 0 ? context : process_find(pid);

    (void)rq;
    if (process == NULL)
        return -ENOENT;
    *group = process->group;
    *session = process->session;
    return 0;
}

static int set_group(void *context, struct iris_request *rq, uint32_t pid, uint32_t group)
{
    (void)rq;
    return group_set(context, pid, group);
}

static int give_group_portal(void *context, struct iris_request *rq, uint32_t group,
                             struct iris_handle_out *portal)
{
    (void)rq;
    *portal = (struct iris_handle_out){.rights = IRIS_RIGHT_CALL | IRIS_RIGHT_COPY};
    return group_portal(context, group, &portal->slot);
}

static int begin_session(void *context, struct iris_request *rq)
{
    (void)rq;
    return session_begin(context);
}

static int stop_background(void *context, struct iris_request *rq, uint32_t signal)
{
    const struct process *caller = context;

    (void)rq;
    if (signal != SIGTTIN && signal != SIGTTOU)
        return -EINVAL;
    return group_is_orphaned(caller->group) ? -EIO : signal_group(caller->group, signal);
}

/* ---- process_group: the context is the group's number ---- */

static int terminal_signal(void *context, struct iris_request *rq, uint32_t signal)
{
    (void)rq;
    return signal_group((uint32_t)(uintptr_t)context, signal);
}

/* ---- process_control: the context is the child ---- */

static int give_file(void *context, struct iris_request *rq, uint32_t descriptor, uint32_t file)
{
    (void)rq;
    return spawn_give(context, descriptor, file);
}

static int load_child(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *offset, uint32_t *left)
{
    (void)rq;
    return spawn_load(context, data, offset, left);
}

static int start_child(void *context, struct iris_request *rq, uint32_t argc, uint32_t envc,
                       struct iris_buffer_ref block, const struct start_terms *terms)
{
    (void)rq;
    return spawn_begin(context, argc, envc, block, terms);
}

static int control_kill(void *context, struct iris_request *rq)
{
    (void)rq;
    process_end(context, STATUS_SIGNAL(SIGKILL));
    return 0;
}

static int control_subscribe(void *context, struct iris_request *rq, uint32_t portal, uint32_t bits)
{
    struct process *child = context;

    if (child->subscriber != 0)
        iris_handle_discard(child->subscriber);
    child->subscriber = iris_request_claim(rq, portal);
    child->subscriber_bits = bits;
    if (child->ended)
        iris_notify(portal, bits);
    return 0;
}

/* ---- process_scheduling: sched's ---- */

static int main_thread(void *context, struct iris_request *rq, uint32_t pid,
                       struct iris_handle_out *thread)
{
    const struct process *process = process_find(pid);

    (void)context;
    (void)rq;
    if (process == NULL || process->adopted || process->launch.thread == 0)
        return -ENOENT;
    *thread = (struct iris_handle_out){process->launch.thread, IRIS_RIGHT_CONTROL};
    return 0;
}

/* ---- process_registry: root's ---- */

static int adopt(void *context, struct iris_request *rq, const char *name, uint32_t space,
                 uint32_t client, uint32_t *pid)
{
    struct process *root = context;
    bool itself = root->launch.space == 0; /* root comes first */
    struct process *process = itself ? root : process_new(PID_ROOT, name);

    if (process == NULL)
        return -ENOMEM;
    process->adopted = true;
    process->launch.space = iris_request_claim(rq, space);
    process->launch.client = client;
    *pid = process->pid;
    return 0;
}

/* ---- The server ---- */

static const struct process_server process_operations = {.spawn = spawn_child,
                                                         .wait = await,
                                                         .exit = exit_self,
                                                         .identify_self = identify_self,
                                                         .entry = entry,
                                                         .inspect = inspect,
                                                         .signal = signal_others,
                                                         .signals = signals,
                                                         .signal_take = take_signal,
                                                         .fault_take = take_fault,
                                                         .signal_default = do_default,
                                                         .group = tell_group,
                                                         .group_set = set_group,
                                                         .group_portal = give_group_portal,
                                                         .session_begin = begin_session,
                                                         .background = stop_background,
                                                         .spawn_loaded = spawn_child_loaded};
static const struct process_control_server control_operations = {.give = give_file,
                                                                 .start = start_child,
                                                                 .kill = control_kill,
                                                                 .subscribe = control_subscribe,
                                                                 .load = load_child};
static const struct process_group_server group_operations = {.signal = terminal_signal};
static const struct process_scheduling_server scheduling_operations = {.thread = main_thread};
static const struct process_registry_server registry_operations = {.adopt = adopt};

/* Root's portal is the first process's, and more. */
static const struct iris_service process_services[] = {
    PROCESS_SERVICE(&process_operations), PROCESS_REGISTRY_SERVICE(&registry_operations)};
static const struct iris_service control_services[] = {
    PROCESS_CONTROL_SERVICE(&control_operations)};

static const struct iris_service group_services[] = {PROCESS_GROUP_SERVICE(&group_operations)};
static const struct iris_service scheduling_services[] = {
    PROCESS_SCHEDULING_SERVICE(&scheduling_operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    struct process *process = process_find(badge & BADGE_PID);

    (void)context;
    if (badge == BADGE_SCHED) {
        target->services = scheduling_services;
        target->count = 1;
        return 0;
    }
    if (badge & BADGE_GROUP) {
        target->services = group_services;
        target->count = 1;
        target->context = (void *)(uintptr_t)(badge & BADGE_PID);
        return 0;
    }
    if (process == NULL)
        return -ENOENT;
    target->context = process;
    target->services = badge & BADGE_CONTROL ? control_services : process_services;
    target->count = badge == PID_ROOT ? 2 : 1;
    return 0;
}

/* The parent has let go of its child's control portal: nobody can use it any more, not even to
   start the child. */
static void control_closed(uint32_t pid)
{
    struct process *process = process_find(pid);

    if (process == NULL)
        return;
    process_portal_drop(&process->control);
    if (!process->started && !process->adopted)
        process_free(process);
}

static int event(void *context, struct iris_request *rq)
{
    const struct iris_message *m = &rq->message;
    uint32_t pid = m->badge & BADGE_PID;

    (void)context;
    if (iris_tag_label(m->tag) == IRIS_EVENT_DISCONNECT) {
        if (m->badge & BADGE_CONTROL)
            control_closed(pid);
        return 0;
    }
    return m->badge & BADGE_WATCH ? watch_event(pid, m) : 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .locate = locate, .event = event};

int main(int argc, char **argv)
{
    struct text_scanner size = {.at = "", .end = ""};

    if (argc > 1)
        size = (struct text_scanner){.at = argv[1], .end = argv[1] + strlen(argv[1])};
    if (!text_take_decimal(&size, &archive.size) || process_new(0, "root") == NULL)
        return ENOMEM;
    iris_resident(HEAP_BYTES);
    spawn_start();
    inspect_start();
    return -iris_server_run(&server);
}
