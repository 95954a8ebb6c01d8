/* SPDX-License-Identifier: MIT */
#include <sys/neutrino.h>

enum { PULSE_TICK = _PULSE_CODE_MINAVAIL + 1 };

int main(void)
{
    struct _pulse pulse;
    int chid = ChannelCreate(0);
    int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);

    if (MsgSendPulse(coid, -1, PULSE_TICK, 42) < 0 ||
        MsgReceivePulse(chid, &pulse, sizeof pulse, NULL) < 0)
        return 1;
    return pulse.code == PULSE_TICK && pulse.value.sival_int == 42 ? 0
                                                                   : 1;
}
