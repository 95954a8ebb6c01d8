/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <sys/neutrino.h>

static void *work(void *argument) { return argument; }

int main(void)
{
    void *status = NULL;
    int value, tid = ThreadCreate(0, work, &value, NULL);

    if (tid < 0 || ThreadJoin(tid, &status) < 0)
        return 1;
    return status == &value ? 0 : 1;
}
