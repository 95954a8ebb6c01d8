/* SPDX-License-Identifier: MIT */
#include <sys/neutrino.h>

int main(void)
{
    sync_t mutex;

    if (SyncTypeCreate(_NTO_SYNC_MUTEX_FREE, &mutex, NULL) < 0)
        return 1;
    SyncMutexLock(&mutex);
    /* what only one thread may do at a time */
    SyncMutexUnlock(&mutex);
    return SyncDestroy(&mutex);
}
