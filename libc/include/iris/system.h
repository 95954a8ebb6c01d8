/* SPDX-License-Identifier: MIT */
/* Where a program finds the data page, which the kernel keeps for all. */
#ifndef IRIS_SYSTEM_H
#define IRIS_SYSTEM_H

#include <iris/datapage.h>
#include <iris/layout.h>

static inline const volatile struct iris_data_page *iris_data_page(void)
{
    return (const volatile struct iris_data_page *)IRIS_DATA_PAGE;
}

#endif
