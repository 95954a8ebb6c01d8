/* SPDX-License-Identifier: MIT */
#include <iris/summary.h>

#include "format.h"

IRIS_SUMMARY("print as a format says: FORMAT [WORD]...");

int main(int argc, char *argv[]) { return command_printf(argc, argv); }
