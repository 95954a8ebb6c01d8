/* SPDX-License-Identifier: MIT */
/* Debug builds: tells when a thread comes to a block or preemption point. See <iris/points.h>. */
#include "point.h"

#include "handle.h"
#include "port.h"
#include "thread.h"
#include "trace.h"

#ifdef DEBUG
static uint32_t awaited; /* IRIS_POINT_ARM; nth 0: nothing */
static struct entry teller;

bool point_reached(enum iris_point point, const struct thread *thread)
{
    uint32_t id = thread ? thread->object.id : thread_current()->object.id;

    if ((awaited ^ IRIS_POINT_ARM(point, 0, id)) & 0xffff00ff || !(awaited & 0xff00))
        return false;
    awaited -= 0x100;
    if (awaited & 0xff00)
        return false;
    notify_portal(&teller, 1);
    return true; /* as if an interrupt were pending */
}

int point_arm(uint32_t portal, uint32_t what)
{
    int error;
    struct entry *entry = handle_get(portal, IRIS_TYPE_PORTAL, IRIS_RIGHT_NOTIFY, &error);

    if (!entry)
        return error;
    awaited = what;
    notify_keep(&teller, what ? entry : NULL);
    arch_fast_path_enable(!what && !trace_on); /* it has no points */
    return 0;
}
#endif
