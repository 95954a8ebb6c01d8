/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>

union received {
    struct _pulse pulse;
    uint16_t type;
    char bytes[256];
};

/* A server's loop; `answer` replies to messages, by MsgReply or
   MsgError. */
int serve(int chid,
          void (*answer)(int rcvid, const union received *message))
{
    union received message;
    struct _msg_info info;
    int rcvid;

    while ((rcvid = MsgReceive(chid, &message, sizeof message, &info)) >=
           0) {
        if (rcvid > 0)
            answer(rcvid, &message);
        else if (message.pulse.code == _PULSE_CODE_DISCONNECT)
            ConnectDetach(message.pulse.scoid); /* that client is gone */
    }
    return errno;
}
