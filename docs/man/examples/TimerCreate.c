/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/neutrino.h>
#include <time.h>

enum { PULSE_TICK = _PULSE_CODE_MINAVAIL + 1 };

/* Three pulses, 10 ms apart. */
int main(void)
{
    struct _pulse pulse;
    struct sigevent event;
    struct _itimer period = {.nsec = 10000000, .interval_nsec = 10000000};
    int chid = ChannelCreate(0);
    int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);

    SIGEV_PULSE_INIT(&event, coid, SIGEV_PULSE_PRIO_INHERIT, PULSE_TICK,
                     0);
    int timer = TimerCreate(CLOCK_MONOTONIC, &event);
    if (timer < 0 || TimerSettime(timer, 0, &period, NULL) < 0)
        return 1;
    for (int tick = 0; tick < 3; tick++)
        if (MsgReceivePulse(chid, &pulse, sizeof pulse, NULL) < 0)
            return 1;
    return TimerDestroy(timer);
}
