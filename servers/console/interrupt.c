/* SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <stddef.h>

#include <iris/calls.h>
#include <iris/ipc.h>

#include "process.h" /* generated from process.idl */
#include "resident.h"
#include "service.h"
#include "slots.h"
#include "thread.h"

#define NOTIFY_KILL 1u
#define INTERRUPT_STACK (6u * 1024) /* more than its calls take */

static struct {
    uint32_t foreground; /* slot, 0: nobody */
    uint32_t victim;     /* slot for the thread to take; exchanged atomically */
    uint32_t portal;     /* to the thread's port */
    struct iris_thread thread;
} interrupt;

static void discard(uint32_t slot)
{
    if (slot != 0)
        iris_handle_discard(slot);
}

/* The second thread: whenever notified, kills the victim. It has ended already? All the better. */
static int kill_victims(void *unused)
{
    struct iris_message m;
    int status = iris_port_bind(SERVER_SLOT_INTERRUPT);

    (void)unused;
    iris_resident_stack(INTERRUPT_STACK);
    while (status == 0 && (status = iris_ipc_wait(&m)) == 0) {
        uint32_t victim = __atomic_exchange_n(&interrupt.victim, 0, __ATOMIC_ACQ_REL);
        if (victim != 0)
            process_control_kill(victim);
        discard(victim);
    }
    return status;
}

static int allocate(uint32_t *slot)
{
    int found = iris_slot_alloc();
    *slot = found > 0 ? (uint32_t)found : 0;
    return found < 0 ? found : 0;
}

int interrupt_start(void)
{
    int status = allocate(&interrupt.portal);

    if (status == 0)
        status = iris_portal_create(SERVER_SLOT_INTERRUPT, interrupt.portal, 0, IRIS_RIGHT_NOTIFY,
                                    NOTIFY_KILL);
    if (status >= 0)
        status = iris_thread_launch(&interrupt.thread, kill_victims, NULL, NULL);
    return status;
}

void interrupt_set_foreground(uint32_t child)
{
    discard(interrupt.foreground);
    interrupt.foreground = child;
}

void interrupt_foreground(void)
{
    uint32_t copy;

    if (interrupt.foreground == 0 || allocate(&copy) < 0)
        return;
    if (iris_handle_copy(interrupt.foreground, 0, copy, IRIS_RIGHT_CALL) < 0) {
        iris_slot_free(copy);
        return;
    }
    discard(__atomic_exchange_n(&interrupt.victim, copy, __ATOMIC_ACQ_REL));
    iris_notify(interrupt.portal, NOTIFY_KILL);
}
