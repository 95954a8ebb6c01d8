/* SPDX-License-Identifier: MIT */
/* Scheduling policy at the prompt: the shell's `sched` runs this. */
#include <stdbool.h>
#include <stdlib.h>

#include <iris/names.h>
#include <iris/summary.h>

#include "command.h"
#include "process.h"
#include "scheduling.h"

#define USAGE                                                                                      \
    "[set DOMAIN normal|real-time|idle [PERCENT] | share DOMAIN PERCENT | class DOMAIN CLASS |\n"  \
    "       remove DOMAIN | assign PID DOMAIN | release PID]"

IRIS_SUMMARY("list or change scheduling domains: [set|share|class|remove|assign|release]...");

static const char *const class_names[] = {
    [CLASS_NORMAL] = "normal", [CLASS_REAL_TIME] = "real-time", [CLASS_IDLE] = "idle"};

static uint32_t sched;

/* ---- Reading arguments ---- */

static bool take_number(const char *text, uint32_t *value)
{
    char *end;
    *value = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static bool take_class(const char *text, enum class *class)
{
    for (enum class i = CLASS_NORMAL; i <= CLASS_IDLE; i++)
        if (strcmp(text, class_names[i]) == 0) {
            *class = i;
            return true;
        }
    return false;
}

static int find(const char *name, struct domain_info *info)
{
    char found[SCHED_NAME_MAX + 1];
    int error = 0;
    for (uint32_t i = 0; (error = sched_domain(sched, i, info, found)) == 0; i = info->index + 1)
        if (strcmp(found, name) == 0)
            return 0;
    return error;
}

/* ---- Listing ---- */

static const char *program_of(uint32_t pid, char name[33])
{
    struct process_info info;
    if (pid == 0 || process_entry(IRIS_SLOT_PROCESS, pid, &info, name) != 0 || info.pid != pid)
        return "-";
    return name;
}

static void list_members(void)
{
    struct member_info info;
    char domain[SCHED_NAME_MAX + 1], name[33];
    printf("  PID   TID DOMAIN           PRI QUANTUM/us PERIOD/us DEPLETED PROGRAM\n");
    for (uint32_t i = 0; sched_member(sched, i, &info, domain) == 0; i = info.index + 1)
        printf("%5u %5u %-16s %3u %10u %9u %8u %s\n", (unsigned)info.pid, (unsigned)info.thread,
               domain, (unsigned)info.priority, (unsigned)info.quantum, (unsigned)info.period,
               (unsigned)info.depletions, program_of(info.pid, name));
}

static int list(void)
{
    struct domain_info info;
    char name[SCHED_NAME_MAX + 1];
    unsigned promised = 0;
    int error;
    printf("DOMAIN           CLASS     SHARE MEMBERS DEPLETED\n");
    for (uint32_t i = 0; (error = sched_domain(sched, i, &info, name)) == 0; i = info.index + 1) {
        printf("%-16s %-9s %3u %% %7u %8u\n", name, class_names[info.class], (unsigned)info.share,
               (unsigned)info.members, (unsigned)info.depletions);
        promised += info.share;
    }
    if (error != -ENOENT)
        return error;
    printf("promised: %u %%\n", promised);
    list_members();
    return 0;
}

/* ---- Changing ---- */

static int set(char *argv[], int count)
{
    enum class class;
    uint32_t share = 0;
    if (count < 2 || !take_class(argv[1], &class) || (count == 3 && !take_number(argv[2], &share)))
        return -EINVAL;
    return sched_set(sched, argv[0], class, share);
}

static int change(const char *name, const char *class, const char *share)
{
    struct domain_info info;
    int error = find(name, &info);
    if (error != 0)
        return error;
    if ((class != NULL && !take_class(class, &info.class)) ||
        (share != NULL && !take_number(share, &info.share)))
        return -EINVAL;
    return sched_set(sched, name, info.class, info.share);
}

static int assign(const char *pid, const char *name)
{
    uint32_t number;
    return take_number(pid, &number) ? sched_assign(sched, number, name) : -EINVAL;
}

/* The verb at argv[0]; 1: there is none like that. */
static int run(char *argv[], int count)
{
    const char *verb = argv[0];
    if (strcmp(verb, "set") == 0 && (count == 3 || count == 4))
        return set(argv + 1, count - 1);
    if (strcmp(verb, "share") == 0 && count == 3)
        return change(argv[1], NULL, argv[2]);
    if (strcmp(verb, "class") == 0 && count == 3)
        return change(argv[1], argv[2], NULL);
    if (strcmp(verb, "remove") == 0 && count == 2)
        return sched_remove(sched, argv[1]);
    if (strcmp(verb, "assign") == 0 && count == 3)
        return assign(argv[1], argv[2]);
    if (strcmp(verb, "release") == 0 && count == 2)
        return assign(argv[1], "");
    return 1;
}

int main(int argc, char *argv[])
{
    if (command_service("sched", IRIS_NAME_SCHED, &sched) != 0)
        return COMMAND_FAILED;
    int result = argc == 1 ? list() : run(argv + 1, argc - 1);
    if (result > 0)
        return command_usage("sched", USAGE);
    return result == 0 ? COMMAND_OK : command_failed("sched", argc > 2 ? argv[2] : "list", result);
}
