/* SPDX-License-Identifier: MIT */
/* The smallest program worth having: the C library, arguments, and two things only Iris has. */
#include <stdio.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/summary.h>
#include <iris/vdso.h>

IRIS_SUMMARY("greet: an example for programs of your own");

int main(int argc, char *argv[])
{
    printf("Hello from process %d", (int)getpid());
    for (int i = 1; i < argc; i++)
        printf("%s%s", i == 1 ? ": " : " ", argv[i]);
    printf("\n");

    /* Answered by the vDSO, the shared object the kernel maps into every program: no kernel entry.
     */
    printf("The system is up for %u ms; this is thread %u.\n",
           (unsigned)(iris_clock_monotonic() / 1000000), (unsigned)iris_thread_id());
    return 0;
}
