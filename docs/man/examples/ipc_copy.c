/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/object.h>

/* In a server, before it replies: turns the first buffer of the
   caller to capitals, where it lies. Returns 0 or a negative error
   number. */
int capitals(uint32_t length)
{
    char piece[64];

    for (uint32_t at = 0; at < length;) {
        uint32_t want =
            length - at < sizeof piece ? length - at : sizeof piece;
        int got = iris_ipc_copy(0, 0, at, piece, want);
        if (got <= 0)
            return got;
        for (int i = 0; i < got; i++)
            if (piece[i] >= 'a' && piece[i] <= 'z')
                piece[i] -= 'a' - 'A';
        got =
            iris_ipc_copy(0, 0 | IRIS_COPY_OUT, at, piece, (uint32_t)got);
        if (got <= 0)
            return got;
        at += (uint32_t)got;
    }
    return 0;
}
