/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/vdso.h>

int main(void)
{
    printf("%u\n", (unsigned)iris_processors());
    return 0;
}
