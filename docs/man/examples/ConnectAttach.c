/* SPDX-License-Identifier: MIT */
#include <sys/neutrino.h>

/* To a channel of one's own, as for pulses from timers. */
int main(void)
{
    int chid = ChannelCreate(0);
    int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);

    if (chid < 0 || coid < 0)
        return 1;
    ConnectDetach(coid);
    return ChannelDestroy(chid);
}
