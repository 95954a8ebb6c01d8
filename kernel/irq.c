/* SPDX-License-Identifier: MIT */
/*
 * Interrupts as notifications. A line that fired stays masked until everybody who was notified
 * has acknowledged; so a driver that never does harms nobody else.
 */
#include "irq.h"

#include "arch.h"
#include "handle.h"
#include "port.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "trace.h"

#define BINDINGS 4

struct binding {
    struct entry portal; /* dead once the portal is */
    uint32_t bits;
    uint32_t owner; /* id of the space that bound it and acknowledges */
    bool pending;
};

struct irq {
    struct object object;
    struct binding bindings[BINDINGS];
};

static struct irq irqs[ARCH_IRQ_LINES];

void irq_init(void)
{
    for (unsigned line = 0; line < ARCH_IRQ_LINES; line++)
        object_init(&irqs[line].object, IRIS_TYPE_IRQ, NULL);
}

struct object *irq_object(unsigned line)
{
    return arch_irq_usable(line) ? &irqs[line].object : NULL;
}

static bool is_live(const struct binding *binding)
{
    return binding->portal.type == IRIS_TYPE_PORTAL;
}

static void unmask_if_done(struct irq *irq)
{
    for (unsigned i = 0; i < BINDINGS; i++)
        if (is_live(&irq->bindings[i]) && irq->bindings[i].pending)
            return;
    arch_irq_unmask((unsigned)(irq - irqs));
}

/* The line is masked. Unclaimed, it stays so. */
void irq_enter(unsigned line)
{
    cpu.stats.interrupts++;
    trace(IRIS_TRACE_EVENT_INTERRUPT, line, 0, 0, 0);
    for (unsigned i = 0; i < BINDINGS; i++) {
        struct binding *binding = &irqs[line].bindings[i];
        if (!is_live(binding))
            continue;
        binding->pending = true;
        notify_portal(&binding->portal, binding->bits);
    }
}

/* A handle was closed: its holder will not acknowledge, and its portals may be dead. */
void irq_closed(struct object *object, const struct space *holder)
{
    struct irq *irq = container_of(object, struct irq, object);
    bool claimed = false;

    for (unsigned i = 0; i < BINDINGS; i++) {
        struct binding *binding = &irq->bindings[i];
        if (binding->owner == holder->object.id)
            binding->pending = false;
        claimed |= is_live(binding);
    }
    if (claimed)
        unmask_if_done(irq);
}

static struct irq *irq_get(uint32_t handle, int *error)
{
    struct entry *entry = handle_get(handle, IRIS_TYPE_IRQ, IRIS_RIGHT_CONTROL, error);
    return entry ? container_of(entry->object, struct irq, object) : NULL;
}

int sys_irq_bind(uint32_t handle, uint32_t portal_handle, uint32_t bits)
{
    int error;
    struct irq *irq = irq_get(handle, &error);
    if (!irq)
        return error;
    struct entry *portal = handle_get(portal_handle, IRIS_TYPE_PORTAL, IRIS_RIGHT_NOTIFY, &error);
    if (!portal)
        return error;
    if (bits == 0)
        return -EINVAL;
    for (unsigned i = 0; i < BINDINGS; i++) {
        struct binding *binding = &irq->bindings[i];
        if (is_live(binding))
            continue;
        notify_keep(&binding->portal, portal);
        binding->bits = bits;
        binding->owner = space_current()->object.id;
        binding->pending = false;
        unmask_if_done(irq);
        return 0;
    }
    return -EBUSY;
}

int sys_irq_ack(uint32_t handle)
{
    int error;
    struct irq *irq = irq_get(handle, &error);
    bool found = false;

    if (!irq)
        return error;
    for (unsigned i = 0; i < BINDINGS; i++) {
        struct binding *binding = &irq->bindings[i];
        if (is_live(binding) && binding->owner == space_current()->object.id && binding->pending) {
            binding->pending = false;
            found = true;
        }
    }
    if (!found)
        return -ENOENT;
    unmask_if_done(irq);
    return 0;
}
