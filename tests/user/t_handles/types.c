/* SPDX-License-Identifier: MIT */
/* Every call that wants one type of object is given all the others. */
#include "t_handles.h"

static struct rig rig;
static uint32_t thread;

static int as_port(uint32_t h) { return iris_port_bind(h); }
static int as_port_for_portal(uint32_t h)
{
    return iris_portal_create(h, kit_slot(), 1, IRIS_RIGHT_CALL, 0);
}
static int as_portal(uint32_t h) { return iris_notify(h, 1); }
static int as_pager(uint32_t h) { return iris_space_create(kit_slot(), 16, 0, h, 0, 0); }
static int as_exception(uint32_t h) { return iris_space_create(kit_slot(), 16, 0, 0, h, 0); }
static int as_exit(uint32_t h) { return iris_space_create(kit_slot(), 16, 0, 0, 0, h); }
static int as_space(uint32_t h) { return iris_space_fund(h, 1); }
static int as_space_for_thread(uint32_t h) { return iris_thread_create(h, kit_slot(), 7, 0); }
static int as_space_for_map(uint32_t h)
{
    return iris_memory_map(h, 0x10000, 0, twin_memory_begin(), 1, 0);
}
static int as_space_for_unmap(uint32_t h) { return iris_memory_unmap(h, 0x10000, 1, 0); }
static int as_memory(uint32_t h) { return iris_memory_map(0, 0x10000, h, 0x100000, 1, 0); }
static int as_thread(uint32_t h) { return iris_thread_schedule(h, 0, 0, 0, 0, 0); }
static int as_reply(uint32_t h)
{
    uint8_t byte;
    return iris_ipc_copy(h, 0, 0, &byte, 1);
}
static int as_irq(uint32_t h) { return iris_irq_bind(h, rig.client, 1); }
static int as_irq_to_ack(uint32_t h) { return iris_irq_ack(h); }
static int as_io(uint32_t h) { return iris_io_permit(h, 0, 0x80, 1); }
static int as_kernel(uint32_t h)
{
    uint32_t word;
    return iris_trace_control(h, IRIS_TRACE_ON, &word, 1);
}
static int as_kernel_for_log(uint32_t h)
{
    uint32_t word;
    return iris_kernel_log(h, IRIS_LOG_READ, &word, 4);
}

static const struct row {
    const char *name;
    uint32_t type;
    int (*call)(uint32_t handle);
} rows[] = {
    {"port_bind", IRIS_TYPE_PORT, as_port},
    {"portal_create", IRIS_TYPE_PORT, as_port_for_portal},
    {"notify", IRIS_TYPE_PORTAL, as_portal},
    {"space_create's pager", IRIS_TYPE_PORTAL, as_pager},
    {"space_create's exception portal", IRIS_TYPE_PORTAL, as_exception},
    {"space_create's exit portal", IRIS_TYPE_PORTAL, as_exit},
    {"space_fund", IRIS_TYPE_SPACE, as_space},
    {"thread_create", IRIS_TYPE_SPACE, as_space_for_thread},
    {"memory_map's target", IRIS_TYPE_SPACE, as_space_for_map},
    {"memory_unmap", IRIS_TYPE_SPACE, as_space_for_unmap},
    {"memory_map's source", IRIS_TYPE_MEMORY, as_memory},
    {"thread_schedule", IRIS_TYPE_THREAD, as_thread},
    {"ipc_copy", IRIS_TYPE_REPLY, as_reply},
    {"irq_bind", IRIS_TYPE_IRQ, as_irq},
    {"irq_ack", IRIS_TYPE_IRQ, as_irq_to_ack},
    {"io_permit", IRIS_TYPE_IO, as_io},
    {"trace_control", IRIS_TYPE_KERNEL, as_kernel},
    {"kernel_log", IRIS_TYPE_KERNEL, as_kernel_for_log},
};

void test_types(void)
{
    thread = kit_slot();
    rig_make(&rig, 1, 0);
    iris_thread_create(0, thread, BARE_UTCB_FIRST, 0);
    const uint32_t objects[] = {IRIS_SLOT_SPACE, thread, rig.port, rig.client};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned tried = 0, refused = 0;
        for (unsigned k = 0; k < sizeof objects / sizeof *objects; k++) {
            uint32_t type = IRIS_TYPE_NONE;
            kit_object(objects[k], &type);
            if (type == rows[i].type)
                continue;
            tried++;
            int result = rows[i].call(objects[k]);
            refused += result == -EBADF || result == -EPERM; /* perhaps the right is missing, too */
        }
        TEST_EQUAL(refused, tried, "%s refuses other types", rows[i].name);
    }
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};
    TEST_EQUAL(iris_ipc_call(rig.port, &m), -EBADF, "a port cannot be called");
    m.tag = IRIS_TAG(1, 0);
    TEST_EQUAL(iris_ipc_call(IRIS_SLOT_SPACE, &m), -EBADF, "nor a space");
    iris_object_destroy(thread);
    iris_handle_discard(thread);
    rig_free(&rig);
}
