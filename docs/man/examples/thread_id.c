/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/vdso.h>

int main(void)
{
    printf("thread %u\n", (unsigned)iris_thread_id());
    return 0;
}
