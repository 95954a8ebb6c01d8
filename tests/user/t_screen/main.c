/* SPDX-License-Identifier: MIT */
/* Colours, characters and cursor movement, for the test that looks at the screen. */
#include <stdio.h>

#include <iris/summary.h>

IRIS_SUMMARY("test: escape sequences for the screen");

int main(void)
{
    printf("\x1b[31mred \x1b[1;32mgreen \x1b[0;34;47mblue\x1b[0m ä┼█€\n");
    printf("moved away\x1b[10Dwritten over\x1b[1A\x1b[1B\x1b[K\n");
    return 0;
}
