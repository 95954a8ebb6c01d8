/* SPDX-License-Identifier: MIT */
#include <sys/neutrino.h>

enum { LINE = 8 };

/* A driver's loop: each interrupt wakes it, and none is lost meanwhile.
 */
int serve(void (*look)(void))
{
    struct sigevent event;

    SIGEV_INTR_INIT(&event);
    int id = InterruptAttachEvent(LINE, &event, _NTO_INTR_FLAGS_TRK_MSK);
    while (id >= 0 && InterruptWait(0, NULL) >= 0) {
        look();
        InterruptUnmask(LINE, id);
    }
    return -1;
}
