/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <errno.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/layout.h>
#include <iris/object.h>
#include <iris/vdso.h>

#include "slots.h"

#define PERIOD_US 10000u
#define PERIOD_MOST_US 5000000u
#define TURN_US 10000u
#define QUANTUM_LEAST_US 100u /* the kernel's */

/* Of a domain's share a member that was depleted lately gets so much more than one that was not: so
   what one does not use is its fellows'. */
#define HUNGRY_WEIGHT 8u
#define HUNGRY_NS 100000000ull

struct domain domains[SCHED_DOMAINS_MAX];
struct member members[SCHED_MEMBERS_MAX];

static const struct terms ordinary = {PRIORITY_NORMAL, TURN_US, 0, IRIS_PRIORITY_NONE};

int policy_start(uint32_t port)
{
    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++) {
        int slot = iris_slot_alloc();
        if (slot < 0)
            return slot;
        members[i].portal = (uint32_t)slot;
        int status = iris_portal_create(port, (uint32_t)slot, 0, IRIS_RIGHT_NOTIFY, 1u << i);
        if (status < 0)
            return status;
    }
    return 0;
}

/* ---- Terms: what a domain means for its members ---- */

static bool is_alive(const struct member *member)
{
    struct iris_handle_info info;
    return iris_handle_identify(member->thread, 0, &info) == 0 && info.type == IRIS_TYPE_THREAD;
}

static void forget(struct member *member)
{
    iris_handle_discard(member->thread);
    *member = (struct member){.portal = member->portal};
}

/* The kernel begins a new period with new terms: so only if they are new. */
static int apply(struct member *member, const struct terms *terms)
{
    if (memcmp(&member->terms, terms, sizeof *terms) == 0)
        return 0;
    int status = iris_thread_schedule(member->thread, terms->priority, terms->quantum,
                                      terms->period, terms->spare, member->portal);
    if (status == 0)
        member->terms = *terms;
    return status;
}

static uint32_t weight(const struct member *member, uint64_t now)
{
    return now - member->hungry < HUNGRY_NS ? HUNGRY_WEIGHT : 1;
}

static uint32_t total_weight(const struct domain *domain, uint64_t now)
{
    uint32_t total = 0;

    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++)
        if (members[i].domain == domain)
            total += weight(&members[i], now);
    return total;
}

/* One part of `total` of the domain's share, for a member with so many parts. Small parts are given
   in longer periods. */
static struct terms part(const struct domain *domain, uint32_t parts, uint32_t total)
{
    bool real_time = domain->class == CLASS_REAL_TIME;
    uint32_t period = PERIOD_US;

    while (period < PERIOD_MOST_US && period / 100 * domain->share / total < QUANTUM_LEAST_US)
        period *= 2;
    uint32_t quantum = period / 100 * domain->share * parts / total;
    return (struct terms){real_time ? PRIORITY_REAL_TIME : PRIORITY_SHARE,
                          quantum > QUANTUM_LEAST_US ? quantum : QUANTUM_LEAST_US, period,
                          real_time ? IRIS_PRIORITY_NONE : PRIORITY_NORMAL};
}

static struct terms terms_of(const struct member *member, uint64_t now, uint32_t total)
{
    const struct domain *domain = member->domain;
    struct terms idle = ordinary;

    idle.priority = PRIORITY_IDLE;
    if (domain->class == CLASS_IDLE)
        return idle;
    return domain->share != 0 ? part(domain, weight(member, now), total) : ordinary;
}

/* Divides the share anew. Who has ended in the meantime is forgotten when its bit comes. */
static int divide(const struct domain *domain)
{
    uint64_t now = iris_clock_monotonic();
    uint32_t total = total_weight(domain, now);
    int result = 0;

    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++) {
        struct member *member = &members[i];
        if (member->domain != domain)
            continue;
        struct terms terms = terms_of(member, now, total);
        int status = apply(member, &terms);
        if (status < 0 && status != -EDEAD)
            result = status;
    }
    return result;
}

/* ---- Domains ---- */

struct domain *domain_find(const char *name)
{
    for (uint32_t i = 0; i < SCHED_DOMAINS_MAX; i++)
        if (name[0] != '\0' && strcmp(domains[i].name, name) == 0)
            return &domains[i];
    return NULL;
}

static struct domain *find_unused(void)
{
    for (uint32_t i = 0; i < SCHED_DOMAINS_MAX; i++)
        if (domains[i].name[0] == '\0')
            return &domains[i];
    return NULL;
}

uint32_t domain_members(const struct domain *domain)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++)
        count += members[i].domain == domain;
    return count;
}

/* Percent that others than this domain were promised. */
static uint32_t promised(const struct domain *except)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < SCHED_DOMAINS_MAX; i++)
        if (&domains[i] != except)
            sum += domains[i].share;
    return sum;
}

int domain_set(const char *name, enum class class, uint32_t share)
{
    struct domain *domain = domain_find(name);

    if (name[0] == '\0' || share > 100 || (class == CLASS_IDLE && share != 0) ||
        (class == CLASS_REAL_TIME && share == 0))
        return -EINVAL;
    if (domain == NULL && (domain = find_unused()) == NULL)
        return -ENOMEM;
    if (share + promised(domain) > 100)
        return -ENOSPC;
    strcpy(domain->name, name);
    domain->class = class;
    domain->share = share;
    return divide(domain);
}

void domain_remove(struct domain *domain)
{
    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++)
        if (members[i].domain == domain)
            member_release(&members[i]);
    *domain = (struct domain){.share = 0};
}

/* ---- Members ---- */

static struct member *find_member(uint32_t id)
{
    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++)
        if (members[i].id == id)
            return &members[i];
    return NULL;
}

int member_add(struct domain *domain, uint32_t thread, uint32_t pid)
{
    struct iris_handle_info info;
    struct member *member = NULL;
    struct domain *before = NULL;

    if (iris_handle_identify(thread, 0, &info) == 0 && info.type == IRIS_TYPE_THREAD) {
        member = find_member(info.object);
        before = member != NULL ? member->domain : NULL;
        if (member == NULL)
            member = find_member(0);
    } else {
        iris_handle_discard(thread);
        return -EINVAL;
    }
    if (member == NULL || before != NULL)
        iris_handle_discard(thread);
    if (member == NULL)
        return -ENOMEM;
    if (before == NULL)
        *member = (struct member){
            .thread = thread, .id = info.object, .pid = pid, .portal = member->portal};
    member->domain = domain;
    if (before != NULL)
        divide(before);
    int status = divide(domain);
    if (status < 0) { /* no right to control it, for one */
        forget(member);
        divide(domain);
    }
    return status;
}

void member_release(struct member *member)
{
    const struct domain *domain = member->domain;

    iris_thread_schedule(member->thread, ordinary.priority, ordinary.quantum, 0, ordinary.spare, 0);
    forget(member);
    divide(domain);
}

void policy_notice(uint32_t bits)
{
    uint64_t now = iris_clock_monotonic();

    for (uint32_t i = 0; i < SCHED_MEMBERS_MAX; i++) {
        struct member *member = &members[i];
        const struct domain *domain = member->domain;
        if (!(bits & 1u << i) || domain == NULL)
            continue;
        if (is_alive(member)) {
            member->depletions++;
            member->domain->depletions++;
            member->hungry = now;
        } else {
            forget(member);
        }
        divide(domain);
    }
}
