/* SPDX-License-Identifier: MIT */
/* Clocks come from the vDSO without kernel entry; sleeping is a call that nobody receives. */
#include <errno.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/vdso.h>

#include "libc.h"
#include "newlib_hooks.h"
#include "slots.h"

#define NS_PER_SECOND 1000000000ull

static struct timespec to_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SECOND),
                             .tv_nsec = (long)(ns % NS_PER_SECOND)};
}

/* 0 and *ns, or -EINVAL. Times beyond the 64-bit clock (584 years) are as good as never. */
static int from_timespec(const struct timespec *time, uint64_t *ns)
{
    if (time->tv_nsec < 0 || time->tv_nsec >= (long)NS_PER_SECOND || time->tv_sec < 0)
        return -EINVAL;
    if ((uint64_t)time->tv_sec >= UINT64_MAX / NS_PER_SECOND)
        *ns = IRIS_DEADLINE_NONE;
    else
        *ns = (uint64_t)time->tv_sec * NS_PER_SECOND + (uint64_t)time->tv_nsec;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return libc_result(-EINVAL);
    *time = to_timespec(clock == CLOCK_REALTIME ? iris_clock_realtime() : iris_clock_monotonic());
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *resolution)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return libc_result(-EINVAL);
    if (resolution != NULL)
        *resolution = (struct timespec){.tv_nsec = 1};
    return 0;
}

/* The clock is set by the kernel at boot; nobody may change it yet. */
int clock_settime(clockid_t clock, const struct timespec *time)
{
    (void)time;
    return libc_result(clock == CLOCK_REALTIME ? -EPERM : -EINVAL);
}

int _gettimeofday(struct timeval *time, void *zone)
{
    (void)zone;
    uint64_t ns = iris_clock_realtime();
    time->tv_sec = (time_t)(ns / NS_PER_SECOND);
    time->tv_usec = (suseconds_t)(ns % NS_PER_SECOND / 1000);
    return 0;
}

/*
 * The portal of a port at which nobody waits, made when the program first sleeps and shared by
 * its threads. A call to it ends at its deadline. Unlike a wait at a port of one's own this leaves
 * alone whatever port the thread is bound to.
 */
static int sleep_portal(void)
{
    static int portal;
    if (__atomic_load_n(&portal, __ATOMIC_ACQUIRE) != 0)
        return portal;
    int port = iris_slot_alloc(), made = iris_slot_alloc(), none = 0;
    if (port < 0 || made < 0 || iris_port_create((uint32_t)port) < 0 ||
        iris_portal_create((uint32_t)port, (uint32_t)made, 0, IRIS_RIGHT_CALL, 0) < 0) {
        iris_handle_discard(port < 0 ? 0 : (uint32_t)port);
        iris_handle_discard(made < 0 ? 0 : (uint32_t)made);
        return -ENOMEM;
    }
    if (!__atomic_compare_exchange_n(&portal, &none, made, 0, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) {
        iris_handle_discard((uint32_t)made); /* another thread was quicker */
        iris_handle_discard((uint32_t)port);
        return none;
    }
    return made;
}

/* Sleeps until the monotonic clock shows `deadline`. Returns 0 or a negative error number. */
static int sleep_until(uint64_t deadline)
{
    int portal = sleep_portal();
    if (portal < 0)
        return portal;
    struct iris_message message = {.tag = IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = deadline;
    int result = iris_ipc_call((uint32_t)portal, &message);
    return result == -ETIMEDOUT ? 0 : result;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                    struct timespec *remaining)
{
    uint64_t deadline;
    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) ||
        from_timespec(time, &deadline) != 0)
        return EINVAL; /* this function returns its error */
    uint64_t now = iris_clock_monotonic();
    if (!(flags & TIMER_ABSTIME))
        deadline = deadline > IRIS_DEADLINE_NONE - now ? IRIS_DEADLINE_NONE : now + deadline;
    else if (clock == CLOCK_REALTIME) {
        uint64_t boot = iris_clock_realtime() - now;
        deadline = deadline > boot ? deadline - boot : IRIS_DEADLINE_POLL;
    }
    if (deadline <= now)
        return 0;
    int error = -sleep_until(deadline);
    if (error != 0 && remaining != NULL && !(flags & TIMER_ABSTIME)) {
        now = iris_clock_monotonic();
        *remaining = to_timespec(deadline > now ? deadline - now : 0);
    }
    return error == ECANCELED ? EINTR : error;
}

int nanosleep(const struct timespec *time, struct timespec *remaining)
{
    return libc_result(-clock_nanosleep(CLOCK_MONOTONIC, 0, time, remaining));
}

unsigned sleep(unsigned seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds}, remaining;
    if (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &remaining) == 0)
        return 0;
    return (unsigned)remaining.tv_sec + (remaining.tv_nsec > 0);
}

int usleep(useconds_t microseconds)
{
    struct timespec time = {.tv_sec = (time_t)(microseconds / 1000000),
                            .tv_nsec = (long)(microseconds % 1000000) * 1000};
    return nanosleep(&time, NULL);
}

/* Processor time of all threads' budgets, as far as they are this program's own. */
clock_t _times(struct tms *times)
{
    struct iris_thread_info info[8];
    uint64_t used = 0;
    uint32_t cursor = 0;
    int count;
    while ((count = iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, cursor, info, 8)) >
           0) {
        for (int i = 0; i < count; i++)
            used += info[i].time;
        cursor = info[count - 1].utcb_slot + 1;
    }
    if (count < 0)
        return (clock_t)libc_result(count);
    const uint64_t tick = NS_PER_SECOND / CLOCKS_PER_SEC;
    *times = (struct tms){.tms_utime = (clock_t)(used / tick)};
    return (clock_t)(iris_clock_monotonic() / tick);
}
