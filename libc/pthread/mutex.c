/* SPDX-License-Identifier: MIT */
/*
 * Mutexes. The word is 0, or the owner's kernel id with flags; so unlocking needs one exchange, and
 * touches nothing afterwards: whoever has it next may destroy it at once. Whoever finds it taken
 * says so in the word, lends its priority if the protocol wants it, and sleeps.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/neutrino.h>

#include "pthread_private.h"

#define AWAITED 0x80000000u /* somebody may sleep */
#define ORPHAN 0x40000000u  /* the owner has ended; robust only */
#define OWNER 0x3fffffffu
#define LOST OWNER /* an orphan that was unlocked as it was: it can never be taken again */

static uint32_t self_id(void) { return iris_utcb()->thread & OWNER; }

static uint32_t word_of(const pthread_mutex_t *mutex)
{
    return __atomic_load_n(&mutex->__word, __ATOMIC_RELAXED);
}

static bool change(pthread_mutex_t *mutex, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&mutex->__word, &from, to, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static bool has_protocol(const pthread_mutex_t *mutex)
{
    return mutex->__protocol != PTHREAD_PRIO_NONE;
}

static bool is_robust(const pthread_mutex_t *mutex)
{
    return mutex->__robust == PTHREAD_MUTEX_ROBUST;
}

/* ---- Taking ---- */

/* One look at the word: 0 (taken), EOWNERDEAD (taken, from a dead owner), ENOTRECOVERABLE, EBUSY.
   `flags`: the word's when it is taken. */
static int try(pthread_mutex_t *mutex, uint32_t flags)
{
    uint32_t word = word_of(mutex);

    if (word == 0)
        return change(mutex, 0, self_id() | flags) ? 0 : EBUSY;
    if ((word & OWNER) == LOST)
        return ENOTRECOVERABLE;
    if (word & ORPHAN && (word & OWNER) == 0)
        return change(mutex, word, self_id() | ORPHAN | (word & AWAITED) | flags) ? EOWNERDEAD
                                                                                  : EBUSY;
    return EBUSY;
}

/* What the owner gets that wants it once more; EBUSY: it is to wait, for ever. */
static int again(pthread_mutex_t *mutex)
{
    if (mutex->__type == PTHREAD_MUTEX_ERRORCHECK)
        return EDEADLK;
    if (mutex->__type != PTHREAD_MUTEX_RECURSIVE)
        return EBUSY;
    if (mutex->__depth == UINT_MAX)
        return EAGAIN;
    mutex->__depth++;
    return 0;
}

/* Says in the word that somebody waits. False: look at it again. */
static bool announce(pthread_mutex_t *mutex, uint32_t *word)
{
    *word = word_of(mutex);
    if ((*word & OWNER) == 0)
        return false;
    if (!(*word & AWAITED) && !change(mutex, *word, *word | AWAITED))
        return false;
    *word |= AWAITED;
    return true;
}

static bool is_taken(int error) { return error == 0 || error == EOWNERDEAD; }

static int lock_plain(pthread_mutex_t *mutex, uint64_t deadline)
{
    int error = try(mutex, 0);
    uint32_t word;

    while (error == EBUSY) {
        if (deadline == IRIS_DEADLINE_POLL)
            return ETIMEDOUT;
        if (announce(mutex, &word) && iris_word_sleep(&mutex->__word, word, deadline) == -ETIMEDOUT)
            return ETIMEDOUT;
        error = try(mutex, AWAITED);
    }
    if (is_taken(error) && is_robust(mutex))
        mutex_list_add(&thread_self()->robust, mutex);
    return error;
}

/* ---- Taking one with a protocol: word and list change together, at the highest priority ---- */

static void hold(struct thread *self, pthread_mutex_t *mutex)
{
    mutex->__holder = self;
    mutex_list_add(&self->held, mutex);
    priority_reconsider(self);
}

/* One try; if it is EBUSY, *word is what to sleep on. */
static int try_protocol(struct thread *self, pthread_mutex_t *mutex, uint32_t flags, bool waits,
                        uint32_t *word)
{
    priority_begin(self);
    self->awaited = NULL;
    int error;
    do
        error = try(mutex, flags);
    while (error == EBUSY && waits && !announce(mutex, word));
    if (is_taken(error))
        hold(self, mutex);
    else if (error == EBUSY && waits && mutex->__protocol == PTHREAD_PRIO_INHERIT)
        priority_lend(self, mutex);
    priority_end(self);
    return error;
}

static int lock_protocol(pthread_mutex_t *mutex, uint64_t deadline)
{
    struct thread *self = thread_self();
    bool waits = deadline != IRIS_DEADLINE_POLL, late = !waits;
    uint32_t word = 0, flags = 0;

    if (self == NULL)
        return ENOMEM;
    /* Whoever has a higher priority than the ceiling must not take it. */
    if (mutex->__protocol == PTHREAD_PRIO_PROTECT && self->priority > mutex->__ceiling)
        return EINVAL;
    for (;;) {
        int error = try_protocol(self, mutex, flags, waits && !late, &word);
        if (error != EBUSY || late)
            return error == EBUSY ? ETIMEDOUT : error;
        late = iris_word_sleep(&mutex->__word, word, deadline) == -ETIMEDOUT;
        flags = AWAITED;
    }
}

/* ---- Taking any ---- */

static int lock(pthread_mutex_t *mutex, uint64_t deadline)
{
    if ((word_of(mutex) & OWNER) == self_id()) {
        int error = again(mutex);
        if (error != EBUSY)
            return error;
    }
    return has_protocol(mutex) ? lock_protocol(mutex, deadline) : lock_plain(mutex, deadline);
}

static bool take_free(pthread_mutex_t *mutex)
{
    return !has_protocol(mutex) && !is_robust(mutex) && change(mutex, 0, self_id());
}

int mutex_lock_until(pthread_mutex_t *mutex, uint64_t deadline)
{
    return take_free(mutex) ? 0 : lock(mutex, deadline);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return take_free(mutex) ? 0 : lock(mutex, thread_deadline(_NTO_TIMEOUT_MUTEX));
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    bool mine = (word_of(mutex) & OWNER) == self_id();

    if (mine && mutex->__type != PTHREAD_MUTEX_RECURSIVE)
        return EBUSY;
    int error = mutex_lock_until(mutex, IRIS_DEADLINE_POLL);
    return error == ETIMEDOUT ? EBUSY : error;
}

/* The time is looked at only by who would have to wait. */
int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *time)
{
    uint64_t deadline;
    int error = mutex_lock_until(mutex, IRIS_DEADLINE_POLL);

    if (error != ETIMEDOUT)
        return error;
    error = deadline_of(clock, time, &deadline);
    return error != 0 ? error : mutex_lock_until(mutex, deadline);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *time)
{
    return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, time);
}

/* ---- Giving up ---- */

/* The one exchange, after which the mutex may be anybody's; what it has left to wake. */
static void set_free(pthread_mutex_t *mutex)
{
    uint32_t left = word_of(mutex) & ORPHAN ? LOST : 0; /* nobody called it consistent */
    uint32_t word = __atomic_exchange_n(&mutex->__word, left, __ATOMIC_RELEASE);

    if (left != 0)
        iris_word_rouse_all(&mutex->__word);
    else if (word & AWAITED)
        iris_word_rouse(&mutex->__word);
}

static void give_up(pthread_mutex_t *mutex)
{
    struct thread *self = has_protocol(mutex) || is_robust(mutex) ? thread_self() : NULL;

    if (self == NULL) {
        set_free(mutex);
    } else if (!has_protocol(mutex)) {
        mutex_list_remove(&self->robust, mutex);
        set_free(mutex);
    } else {
        priority_begin(self);
        mutex_list_remove(&self->held, mutex);
        mutex->__holder = NULL;
        priority_reconsider(self);
        set_free(mutex);
        priority_end(self);
    }
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    if ((word_of(mutex) & OWNER) != self_id())
        return EPERM;
    if (mutex->__depth > 0)
        mutex->__depth--;
    else
        give_up(mutex);
    return 0;
}

int mutex_release(pthread_mutex_t *mutex, unsigned *depth)
{
    if ((word_of(mutex) & OWNER) != self_id())
        return EPERM;
    *depth = mutex->__depth;
    mutex->__depth = 0;
    give_up(mutex);
    return 0;
}

int mutex_retake(pthread_mutex_t *mutex, unsigned depth)
{
    int error = mutex_lock_until(mutex, IRIS_DEADLINE_NONE);

    if (error == 0 || error == EOWNERDEAD)
        mutex->__depth = depth;
    return error;
}

/* ---- Robustness ---- */

int pthread_mutex_consistent(pthread_mutex_t *mutex)
{
    uint32_t word = word_of(mutex);

    if (!(word & ORPHAN) || (word & OWNER) != self_id())
        return EINVAL;
    __atomic_fetch_and(&mutex->__word, ~ORPHAN, __ATOMIC_RELAXED);
    return 0;
}

static void orphan(pthread_mutex_t **list)
{
    pthread_mutex_t *mutex = *list;

    mutex_list_remove(list, mutex);
    mutex->__holder = NULL;
    if (!is_robust(mutex))
        return; /* it stays locked */
    mutex->__depth = 0;
    if (__atomic_exchange_n(&mutex->__word, ORPHAN, __ATOMIC_RELEASE) & AWAITED)
        iris_word_rouse_all(&mutex->__word);
}

void mutex_owner_ends(struct thread *self)
{
    while (self->robust != NULL)
        orphan(&self->robust);
    if (self->held == NULL)
        return;
    priority_begin(self);
    while (self->held != NULL)
        orphan(&self->held);
    priority_reconsider(self);
    priority_end(self);
}

/* ---- Beginning and end, ceilings ---- */

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    *mutex = (pthread_mutex_t){.__word = 0};
    if (attributes == NULL)
        return 0;
    if (attributes->__magic != ATTRIBUTES_MAGIC)
        return EINVAL;
    /* Nobody can raise the priority of another process's thread, or speak for one that has died. */
    if (attributes->__shared == PTHREAD_PROCESS_SHARED &&
        (attributes->__protocol == PTHREAD_PRIO_INHERIT ||
         attributes->__robust == PTHREAD_MUTEX_ROBUST))
        return ENOTSUP;
    mutex->__type = attributes->__type;
    mutex->__protocol = attributes->__protocol;
    mutex->__robust = attributes->__robust;
    mutex->__shared = attributes->__shared;
    mutex->__ceiling = attributes->__ceiling;
    return 0;
}

/* An orphan, or one that is lost, may be destroyed. */
int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    uint32_t owner = word_of(mutex) & OWNER;

    if (owner != 0 && owner != LOST)
        return EBUSY;
    mutex->__word = LOST;
    return 0;
}

int pthread_mutex_getprioceiling(const pthread_mutex_t *mutex, int *ceiling)
{
    if (mutex->__protocol != PTHREAD_PRIO_PROTECT)
        return EINVAL;
    *ceiling = mutex->__ceiling;
    return 0;
}

int pthread_mutex_setprioceiling(pthread_mutex_t *mutex, int ceiling, int *old)
{
    if (mutex->__protocol != PTHREAD_PRIO_PROTECT || ceiling < 0 ||
        ceiling > sched_get_priority_max(SCHED_FIFO))
        return EINVAL;
    int error = lock(mutex, IRIS_DEADLINE_NONE);
    if (error != 0)
        return error;
    if (old != NULL)
        *old = mutex->__ceiling;
    mutex->__ceiling = ceiling;
    return pthread_mutex_unlock(mutex);
}
