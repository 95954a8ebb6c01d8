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

#define NOTIFY_SIGNAL 1u
#define INTERRUPT_STACK (6u * 1024) /* more than its calls take */

static struct {
    uint32_t foreground; /* slot, 0: nobody */
    uint32_t group;      /* its number */
    uint32_t victim;     /* slot for the thread to take; exchanged atomically */
    uint32_t signal;     /* for the victim */
    uint32_t portal;     /* to the thread's port */
    struct iris_thread thread;
} interrupt;

static void discard(uint32_t slot)
{
    if (slot != 0)
        iris_handle_discard(slot);
}

/* The second thread: whenever notified, signals the victim. It has ended already? All the better.
 */
static int signal_victims(void *unused)
{
    struct iris_message m;
    int status = iris_port_bind(SERVER_SLOT_INTERRUPT);

    (void)unused;
    iris_resident_stack(INTERRUPT_STACK);
    while (status == 0 && (status = iris_ipc_wait(&m)) == 0) {
        uint32_t victim = __atomic_exchange_n(&interrupt.victim, 0, __ATOMIC_ACQ_REL);
        if (victim != 0)
            process_group_signal(victim, __atomic_load_n(&interrupt.signal, __ATOMIC_ACQUIRE));
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
                                    NOTIFY_SIGNAL);
    if (status >= 0)
        status = iris_thread_launch(&interrupt.thread, signal_victims, NULL, NULL);
    return status;
}

void interrupt_set_foreground(uint32_t group, uint32_t signals)
{
    discard(interrupt.foreground);
    interrupt.foreground = signals;
    interrupt.group = group;
}

uint32_t interrupt_group(void) { return interrupt.group; }

void interrupt_foreground(uint32_t signal)
{
    uint32_t copy;

    if (interrupt.foreground == 0 || allocate(&copy) < 0)
        return;
    if (iris_handle_copy(interrupt.foreground, 0, copy, IRIS_RIGHT_CALL) < 0) {
        iris_slot_free(copy);
        return;
    }
    __atomic_store_n(&interrupt.signal, signal, __ATOMIC_RELEASE);
    discard(__atomic_exchange_n(&interrupt.victim, copy, __ATOMIC_ACQ_REL));
    iris_notify(interrupt.portal, NOTIFY_SIGNAL);
}
