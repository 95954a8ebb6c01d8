/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>

/* What a thread that was made by iris_thread_create ends with: it has
   nowhere to return to. Threads of the C library just return. */
__attribute__((noreturn)) void worker_end(int failures)
{
    iris_thread_exit(failures == 0 ? 0 : 1);
}
