/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>

#include <iris/vdso.h>

int main(void)
{
    time_t now = (time_t)(iris_clock_realtime() / 1000000000);

    fputs(asctime(gmtime(&now)), stdout);
    return 0;
}
