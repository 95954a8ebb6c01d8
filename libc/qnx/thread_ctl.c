/* SPDX-License-Identifier: MIT */
/* What a thread can be told of itself. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "qnx.h"

/* The name it had goes out, another one comes in; a negative length leaves it as it is. */
static int exchange_name(struct _thread_name *name)
{
    char old[PTHREAD_NAME_MAX + 1], new[PTHREAD_NAME_MAX + 1];

    if (name == NULL)
        return -EINVAL;
    if (name->new_name_len > PTHREAD_NAME_MAX)
        return -ERANGE;
    int error = pthread_getname_np(pthread_self(), old, sizeof old);
    if (error == 0 && name->new_name_len >= 0) {
        memcpy(new, name->name_buf, (size_t)name->new_name_len);
        new[name->new_name_len] = '\0';
        error = pthread_setname_np(pthread_self(), new);
    }
    if (error == 0 && name->name_buf_len > 0) {
        strncpy(name->name_buf, old, (size_t)name->name_buf_len);
        name->name_buf[name->name_buf_len - 1] = '\0';
    }
    return -error;
}

/* Ports are a driver's from its start (boot.conf); root says in its environment that it has some.
   There is no more to be had by asking. */
static int use_ports(void) { return getenv("IRIS_IO") != NULL ? 0 : -EPERM; }

QNX_CALL(int, ThreadCtl, (int command, void *data), command, data)
{
    switch (command) {
    case _NTO_TCTL_IO:
    case _NTO_TCTL_IO_PRIV:
        return use_ports();
    case _NTO_TCTL_NAME:
        return exchange_name(data);
    case _NTO_TCTL_RUNMASK: /* there is one processor */
        return (uintptr_t)data & 1 ? 0 : -EINVAL;
    default:
        return -ENOTSUP;
    }
}
