/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/vdso.h>

int main(void)
{
    uint64_t start = iris_clock_monotonic();

    puts("a line");
    printf("took %llu ns\n",
           (unsigned long long)(iris_clock_monotonic() - start));
    return 0;
}
