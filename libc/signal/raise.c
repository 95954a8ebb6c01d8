/* SPDX-License-Identifier: MIT */
/* raise and abort. Programs without handlers, and servers, get by with the default action. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <iris/object.h>

#include "libc.h"
#include "newlib_hooks.h"
#include "process.h" /* generated from servers/proc/process.idl */

/* thread.c of this folder, in programs that have it. */
int signals_raise(int signal) __attribute__((weak, visibility("hidden")));
void signals_abort(void) __attribute__((weak, visibility("hidden")));

int raise(int signal)
{
    if (signal < 0 || signal >= NSIG)
        return libc_result(-EINVAL);
    if (signals_raise != NULL)
        return signals_raise(signal);
    if (signal != 0 && !(start_info.ignored & 1ull << (signal - 1)))
        process_signal_default(IRIS_SLOT_PROCESS, (uint32_t)signal);
    return 0;
}

/* POSIX.1-2017: even if SIGABRT is blocked, ignored or caught by a function that returns. */
void abort(void)
{
    if (signals_abort != NULL)
        signals_abort();
    process_signal_default(IRIS_SLOT_PROCESS, SIGABRT);
    _exit(128 + SIGABRT);
}
