/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/calls.h>
#include <iris/datapage.h>

int main(void)
{
    const struct iris_data_page *page =
        (const void *)iris_kernel_interface();

    printf("%s: %u pages of memory\n", page->version,
           (unsigned)page->memory_pages);
    return page->magic == IRIS_DATA_MAGIC ? 0 : 1;
}
