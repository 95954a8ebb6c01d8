/* SPDX-License-Identifier: MIT */
/* What everything but a round trip costs. The round trip is bench_ipc's. */
#include "bench.h"

#include <iris/summary.h>

IRIS_SUMMARY("benchmark: kernel calls, faults, creation in TSC ticks: [ROUNDS]");

unsigned rounds;

int main(int argc, char *argv[])
{
    rounds = kit_rounds(argc, argv, 400);
    test_begin("bench_calls");
    bench_calls();
    bench_creation();
    bench_memory();
    bench_method();
    bench_processes();
    return test_end();
}
