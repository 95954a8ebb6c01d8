/* SPDX-License-Identifier: MIT */
/* The attributes of posix_spawn: POSIX.1-2017. These functions return their error. */
#include <errno.h>
#include <spawn.h>

#define FLAGS                                                                                      \
    (POSIX_SPAWN_RESETIDS | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSCHEDPARAM |                    \
     POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |                   \
     POSIX_SPAWN_SETSID)

int posix_spawnattr_init(posix_spawnattr_t *attributes)
{
    *attributes = (posix_spawnattr_t){.flags = 0};
    return 0;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes)
{
    (void)attributes; /* it holds nothing */
    return 0;
}

int posix_spawnattr_getflags(const posix_spawnattr_t *restrict attributes, short *restrict flags)
{
    *flags = attributes->flags;
    return 0;
}

int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags)
{
    if (flags & ~FLAGS)
        return EINVAL;
    attributes->flags = flags;
    return 0;
}

int posix_spawnattr_getpgroup(const posix_spawnattr_t *restrict attributes, pid_t *restrict group)
{
    *group = attributes->group;
    return 0;
}

int posix_spawnattr_setpgroup(posix_spawnattr_t *attributes, pid_t group)
{
    if (group < 0)
        return EINVAL;
    attributes->group = group;
    return 0;
}

int posix_spawnattr_getschedparam(const posix_spawnattr_t *restrict attributes,
                                  struct sched_param *restrict terms)
{
    *terms = attributes->terms;
    return 0;
}

int posix_spawnattr_setschedparam(posix_spawnattr_t *restrict attributes,
                                  const struct sched_param *restrict terms)
{
    attributes->terms = *terms;
    return 0;
}

int posix_spawnattr_getschedpolicy(const posix_spawnattr_t *restrict attributes,
                                   int *restrict policy)
{
    *policy = attributes->policy;
    return 0;
}

/* Budgets of one priority take turns: that is SCHED_RR, and what SCHED_OTHER is here. */
int posix_spawnattr_setschedpolicy(posix_spawnattr_t *attributes, int policy)
{
    if (policy != SCHED_RR && policy != SCHED_OTHER)
        return EINVAL;
    attributes->policy = policy;
    return 0;
}

int posix_spawnattr_getsigdefault(const posix_spawnattr_t *restrict attributes,
                                  sigset_t *restrict signals)
{
    *signals = attributes->defaults;
    return 0;
}

int posix_spawnattr_setsigdefault(posix_spawnattr_t *restrict attributes,
                                  const sigset_t *restrict signals)
{
    attributes->defaults = *signals;
    return 0;
}

int posix_spawnattr_getsigmask(const posix_spawnattr_t *restrict attributes,
                               sigset_t *restrict signals)
{
    *signals = attributes->blocked;
    return 0;
}

int posix_spawnattr_setsigmask(posix_spawnattr_t *restrict attributes,
                               const sigset_t *restrict signals)
{
    attributes->blocked = *signals;
    return 0;
}
