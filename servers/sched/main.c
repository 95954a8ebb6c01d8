/* SPDX-License-Identifier: MIT */
/* sched's interface, and the kernel's news. */
#include <errno.h>
#include <string.h>

#include <iris/ipc.h>

#include "policy.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "resident.h"
#include "server.h"
#include "service.h"
#include "slots.h"

static int set(void *context, struct iris_request *rq, const char *name, enum class class,
               uint32_t share)
{
    (void)context, (void)rq;
    return domain_set(name, class, share);
}

static int remove_domain(void *context, struct iris_request *rq, const char *name)
{
    struct domain *domain = domain_find(name);

    (void)context, (void)rq;
    if (domain == NULL)
        return -ENOENT;
    domain_remove(domain);
    return 0;
}

static int release(uint32_t pid)
{
    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++)
        if (members[i].domain != NULL && members[i].pid == pid) {
            member_release(&members[i]);
            return 0;
        }
    return -ENOENT;
}

static int assign(void *context, struct iris_request *rq, uint32_t pid, const char *name)
{
    struct domain *domain = domain_find(name);
    uint32_t thread;

    (void)context, (void)rq;
    if (pid == 0)
        return -EINVAL;
    if (name[0] == '\0')
        return release(pid);
    if (domain == NULL)
        return -ENOENT;
    int status = process_scheduling_thread(SERVER_SLOT_PROCESSES, pid, &thread);
    return status == 0 ? member_add(domain, thread, pid) : status;
}

static int join(void *context, struct iris_request *rq, uint32_t thread, const char *name)
{
    struct domain *domain = domain_find(name);

    (void)context;
    return domain != NULL ? member_add(domain, iris_request_claim(rq, thread), 0) : -ENOENT;
}

static int describe_domain(void *context, struct iris_request *rq, uint32_t index,
                           struct domain_info *info, char name[SCHED_NAME_MAX + 1])
{
    (void)context, (void)rq;
    while (index < SCHED_DOMAINS_MAX && domains[index].name[0] == '\0')
        index++;
    if (index >= SCHED_DOMAINS_MAX)
        return -ENOENT;
    const struct domain *domain = &domains[index];
    *info = (struct domain_info){.index = index,
                                 .class = domain->class,
                                 .share = domain->share,
                                 .members = domain_members(domain),
                                 .depletions = domain->depletions};
    strcpy(name, domain->name);
    return 0;
}

static int describe_member(void *context, struct iris_request *rq, uint32_t index,
                           struct member_info *info, char name[SCHED_NAME_MAX + 1])
{
    (void)context, (void)rq;
    while (index < SCHED_MEMBERS_MAX && members[index].domain == NULL)
        index++;
    if (index >= SCHED_MEMBERS_MAX)
        return -ENOENT;
    const struct member *member = &members[index];
    *info = (struct member_info){.index = index,
                                 .pid = member->pid,
                                 .thread = member->id,
                                 .priority = member->terms.priority,
                                 .quantum = member->terms.quantum,
                                 .period = member->terms.period,
                                 .depletions = member->depletions};
    strcpy(name, member->domain->name);
    return 0;
}

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_NOTIFY)
        policy_notice(rq->message.word[0]);
    return 0;
}

static const struct sched_server operations = {.set = set,
                                               .remove = remove_domain,
                                               .assign = assign,
                                               .join = join,
                                               .domain = describe_domain,
                                               .member = describe_member};
static const struct iris_service services[] = {SCHED_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .event = event};

int main(void)
{
    int status = policy_start(SERVER_SLOT_PORT);

    if (status < 0)
        return -status;
    iris_resident(0);
    return -iris_server_run(&server);
}
