/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/datapage.h>
#include <iris/vdso.h>

int main(void)
{
    uint32_t features = iris_features();

    puts(features & IRIS_FEATURE_SSE ? "SSE" : "no SSE");
    puts(features & IRIS_FEATURE_DEBUG ? "a debug kernel"
                                       : "a release kernel");
    return 0;
}
