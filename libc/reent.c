/* SPDX-License-Identifier: MIT */
/* errno and the rest of newlib's per-thread state hang on the thread block. */
#include <reent.h>

#include "libc.h"

/* The main thread keeps newlib's static structure: its block starts with reent 0. */
struct _reent *__getreent(void)
{
    struct iris_thread_block *block = thread_block();
    if (block == NULL || block->reent == NULL)
        return _GLOBAL_REENT;
    return block->reent;
}
