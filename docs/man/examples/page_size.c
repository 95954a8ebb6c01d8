/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/vdso.h>

int main(void)
{
    size_t size = 10000, page = iris_page_size();

    printf("%zu bytes are %zu pages\n", size, (size + page - 1) / page);
    return 0;
}
