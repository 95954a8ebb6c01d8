/* SPDX-License-Identifier: MIT */
#include <sys/neutrino.h>

int main(void)
{
    int chid = ChannelCreate(_NTO_CHF_UNBLOCK | _NTO_CHF_DISCONNECT);

    if (chid < 0)
        return 1;
    return ChannelDestroy(chid);
}
