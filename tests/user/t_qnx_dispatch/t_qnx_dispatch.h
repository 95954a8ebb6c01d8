/* SPDX-License-Identifier: MIT */
/* Dispatching, pools of threads and resource managers' helpers, within one process. */
#ifndef T_QNX_DISPATCH_H
#define T_QNX_DISPATCH_H

#include <errno.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/iofunc.h>
#include <sys/neutrino.h>

#include "kit.h"

/* errno of a call that is to fail. */
#define TEST_FAILS(call, error, ...)                                                               \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int result_ = (int)(call);                                                                 \
        TEST_EQUAL(result_ == -1 ? errno : 0, error, __VA_ARGS__);                                 \
    } while (0)

void check_pool(void);
void check_iofunc(void);
void check_select(void);

#endif
