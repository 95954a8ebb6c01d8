/* SPDX-License-Identifier: MIT */
#include <iris/summary.h>

#include "condition.h"

IRIS_SUMMARY("compare and look at files: CONDITION");

int main(int argc, char *argv[]) { return command_test(argc, argv); }
