/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>

enum { PULSE_TICK = _PULSE_CODE_MINAVAIL + 1 };

static int tick(message_context_t *context, int code, unsigned flags,
                void *handle)
{
    (void)context, (void)flags;
    printf("pulse %d\n", code);
    *(int *)handle += 1;
    return 0;
}

int main(void)
{
    int ticks = 0;
    dispatch_t *dispatch = dispatch_create();

    if (dispatch == NULL ||
        pulse_attach(dispatch, 0, PULSE_TICK, tick, &ticks) < 0)
        return 1;
    int coid = message_connect(dispatch, 0);
    dispatch_context_t *context = dispatch_context_alloc(dispatch);
    MsgSendPulse(coid, -1, PULSE_TICK, 0);
    while (ticks == 0 && (context = dispatch_block(context)) != NULL)
        dispatch_handler(context);
    return ticks == 1 ? 0 : 1;
}
