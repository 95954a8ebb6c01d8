/* SPDX-License-Identifier: MIT */
/* Who waits for a condition of a resource manager's file, from poll or by ionotify's message. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/iofunc.h>
#include <sys/neutrino.h>

struct iofunc_notify_event {
    struct iofunc_notify_event *next;
    int rcvid, scoid;
    struct sigevent event;
};

#define CONDITIONS 3 /* IOFUNC_NOTIFY_INPUT, _OUTPUT, _OBAND */
#define CONDITION_BIT(index) (_NOTIFY_COND_INPUT << (index))

static int arm(const resmgr_context_t *ctp, const io_notify_t *msg, iofunc_notify_t *notify)
{
    struct iofunc_notify_event *event = malloc(sizeof *event);

    if (event == NULL)
        return ENOMEM;
    *event = (struct iofunc_notify_event){notify->list, ctp->rcvid, ctp->info.scoid, msg->i.event};
    notify->list = event;
    return EOK;
}

int iofunc_notify(resmgr_context_t *ctp, io_notify_t *msg, iofunc_notify_t *notify, int trigger,
                  const int *counts, int *armed)
{
    uint32_t wanted = msg->i.flags & _NOTIFY_COND_MASK;
    uint32_t there = (uint32_t)trigger & wanted;
    int error = EOK;

    (void)counts;
    if (armed != NULL)
        *armed = 0;
    if (there == 0 && msg->i.action != _NOTIFY_ACTION_POLL)
        for (int i = 0; i < CONDITIONS && error == EOK; i++)
            if (wanted & CONDITION_BIT(i)) {
                error = arm(ctp, msg, &notify[i]);
                if (armed != NULL)
                    *armed = 1;
            }
    if (error != EOK)
        return error;
    msg->o = (struct _io_notify_reply){.flags = there};
    return _RESMGR_PTR(ctp, &msg->o, sizeof msg->o);
}

void iofunc_notify_trigger(iofunc_notify_t *notify, int count, int index)
{
    iofunc_notify_t *condition = &notify[index];
    struct iofunc_notify_event *next, *event = condition->list;

    if (count <= 0)
        return;
    condition->list = NULL;
    for (; event != NULL; event = next) {
        next = event->next;
        MsgDeliverEvent_r(event->rcvid, &event->event);
        free(event);
    }
}

void iofunc_notify_remove(resmgr_context_t *ctp, iofunc_notify_t *notify)
{
    for (int i = 0; i < CONDITIONS; i++) {
        struct iofunc_notify_event **place = &notify[i].list, *event;
        while ((event = *place) != NULL) {
            if (ctp != NULL && event->scoid != ctp->info.scoid) {
                place = &event->next;
                continue;
            }
            *place = event->next;
            free(event);
        }
    }
}
