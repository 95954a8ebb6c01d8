/* SPDX-License-Identifier: MIT */
/* getrandom and getentropy, by the server random. */
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include <iris/object.h>

#include "libc.h"
#include "names.h"  /* generated from names.idl */
#include "random.h" /* generated from random.idl */
#include "slots.h"

#define GETENTROPY_MAX 256u /* POSIX.1-2024, getentropy */

/* The server's portal, looked up once; 0 or a negative error number. */
static int find_server(uint32_t *server)
{
    static uint32_t found;
    uint32_t portal = __atomic_load_n(&found, __ATOMIC_ACQUIRE), none = 0;

    if (portal == 0) {
        int status = names_lookup(IRIS_SLOT_NAMES, "dev/random", &portal);
        if (status < 0)
            return status == -ENOENT ? -ENOSYS : status;
        if (!__atomic_compare_exchange_n(&found, &none, portal, 0, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            iris_handle_discard(portal); /* another thread was quicker */
            portal = none;
        }
    }
    *server = portal;
    return 0;
}

ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
    uint32_t server, count, done = 0;

    if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
        return libc_result(-EINVAL);
    int status = find_server(&server);
    uint32_t wanted = (flags & GRND_NONBLOCK ? RANDOM_NO_WAIT : 0) |
                      (flags & GRND_INSECURE ? RANDOM_EVEN_UNSEEDED : 0);
    while (status == 0 && done < size) {
        status = random_read(server, wanted, (char *)buffer + done, size - done, &count);
        done += status == 0 ? count : 0;
    }
    return done > 0 ? (ssize_t)done : libc_result(status);
}

int getentropy(void *buffer, size_t size)
{
    if (size > GETENTROPY_MAX)
        return libc_result(-EIO);
    return getrandom(buffer, size, 0) == (ssize_t)size ? 0 : -1;
}
