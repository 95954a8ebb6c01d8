/* SPDX-License-Identifier: MIT */
/*
 * sched: who gets how much of the processor. The kernel knows budgets of single threads; here they
 * become domains with shares.
 *
 *   main.c    the interface: messages in, answers out
 *   policy.c  domains, members, and what each is told to be
 *
 * Priorities: real-time above guaranteed shares above all that programs may choose themselves
 * (proc's ceiling for processes), so nobody can get out of what is set here.
 */
#ifndef SCHED_POLICY_H
#define SCHED_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "scheduling.h" /* generated from scheduling.idl */

enum {
    PRIORITY_IDLE = 1,
    PRIORITY_NORMAL = 16, /* as proc starts processes */
    PRIORITY_SHARE = 34,
    PRIORITY_REAL_TIME = 36,
};

struct domain {
    char name[SCHED_NAME_MAX + 1]; /* empty: unused */
    enum class class;
    uint32_t share; /* percent */
    uint32_t depletions;
};

/* What iris_thread_schedule is told. */
struct terms {
    uint32_t priority, quantum, period, spare;
};

struct member {
    struct domain *domain; /* NULL: unused */
    uint32_t thread;       /* slot of its handle */
    uint32_t id, pid;
    uint32_t portal; /* slot: the kernel tells of its depletion with the bit of its index */
    uint32_t depletions;
    uint64_t hungry; /* when it last was depleted */
    struct terms terms;
};

extern struct domain domains[SCHED_DOMAINS_MAX];
extern struct member members[SCHED_MEMBERS_MAX];

int policy_start(uint32_t port);              /* once */
struct domain *domain_find(const char *name); /* NULL: none */
uint32_t domain_members(const struct domain *domain);
int domain_set(const char *name, enum class class, uint32_t share);
void domain_remove(struct domain *domain);

/* Takes the handle over, even when it fails. */
int member_add(struct domain *domain, uint32_t thread, uint32_t pid);
/* Back to what threads are without a domain. */
void member_release(struct member *member);

/* The kernel's news: bit i means that member i was depleted, or has ended. */
void policy_notice(uint32_t bits);

#endif
