/* SPDX-License-Identifier: MIT */
#include <iris/summary.h>

IRIS_SUMMARY("do nothing, without success");

int main(void) { return 1; }
