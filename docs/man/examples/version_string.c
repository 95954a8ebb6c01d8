/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/vdso.h>

int main(void)
{
    puts(iris_version_string());
    return 0;
}
