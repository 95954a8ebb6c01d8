/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/neutrino.h>
#include <time.h>

int main(void)
{
    uint64_t now;

    if (ClockTime(CLOCK_MONOTONIC, NULL, &now) < 0)
        return 1;
    printf("up for %llu ms\n", (unsigned long long)(now / 1000000));
    return 0;
}
