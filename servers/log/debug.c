/* SPDX-License-Identifier: MIT */
/* kernel_debug: the log server holds the KERNEL handle, so it is the one to ask. */
#include "debug.h"

#include <iris/calls.h>
#include <iris/object.h>

#include "kernel_debug.h" /* generated from kernel_debug.idl */
#include "service.h"
#include "stub.h"

#define RECORDS_MAX 32u

static int audit(void *context, struct iris_request *rq, bool *passed, struct audit_counts *counts)
{
    struct iris_audit found;

    (void)context;
    (void)rq;
    int status = iris_trace_control(SERVER_SLOT_KERNEL, IRIS_TRACE_AUDIT, &found, 1);
    if (status < 0 && status != -EIO)
        return status;
    *passed = status >= 0;
    *counts = (struct audit_counts){.spaces = found.spaces,
                                    .threads = found.threads,
                                    .ports = found.ports,
                                    .portals = found.portals,
                                    .handles = found.handles,
                                    .mappings = found.mappings,
                                    .kernel_pages = found.kernel_pages,
                                    .kernel_pages_free = found.kernel_pages_free};
    return 0;
}

static int statistics(void *context, struct iris_request *rq, struct kernel_statistics *statistics)
{
    struct iris_stats found;

    (void)context;
    (void)rq;
    int status = iris_trace_control(SERVER_SLOT_KERNEL, IRIS_TRACE_STATS, &found, 1);
    if (status < 0)
        return status;
    *statistics = (struct kernel_statistics){.dispatches = found.dispatches,
                                             .fast_calls = found.fast_calls,
                                             .slow_calls = found.slow_calls,
                                             .slow_replies = found.slow_replies,
                                             .page_faults = found.page_faults,
                                             .exceptions = found.exceptions,
                                             .interrupts = found.interrupts,
                                             .irq_off_max = found.irq_off_max,
                                             .irq_off_place = found.irq_off_place};
    return 0;
}

static int trace(void *context, struct iris_request *rq, bool enabled)
{
    (void)context;
    (void)rq;
    int status =
        iris_trace_control(SERVER_SLOT_KERNEL, enabled ? IRIS_TRACE_ON : IRIS_TRACE_OFF, NULL, 0);
    return status < 0 ? status : 0;
}

static int trace_read(void *context, struct iris_request *rq, struct iris_buffer_ref records,
                      uint32_t *count)
{
    static struct iris_trace_record record[RECORDS_MAX];
    uint32_t wanted = records.length / sizeof record[0];

    (void)context;
    (void)rq;
    iris_buffer_touch(record, sizeof record, true); /* the kernel waits for no page */
    int found = iris_trace_control(SERVER_SLOT_KERNEL, IRIS_TRACE_READ, record,
                                   wanted < RECORDS_MAX ? wanted : RECORDS_MAX);
    if (found < 0)
        return found;
    int status = iris_buffer_write(records, 0, record, (uint32_t)found * sizeof record[0]);
    *count = (uint32_t)found;
    return status < 0 ? status : 0;
}

static int refuse_page(void *context, struct iris_request *rq, uint32_t space, uint32_t nth,
                       uint32_t *left)
{
    (void)context;
    (void)rq;
    int status = iris_trace_control(SERVER_SLOT_KERNEL, IRIS_TRACE_REFUSE_PAGE, (void *)space, nth);
    if (status < 0)
        return status;
    *left = (uint32_t)status;
    return 0;
}

static int panic(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    return iris_trace_control(SERVER_SLOT_KERNEL, IRIS_TRACE_PANIC, NULL, 0);
}

static int point(void *context, struct iris_request *rq, uint32_t what, uint32_t portal)
{
    (void)context;
    (void)rq;
    return iris_trace_control(SERVER_SLOT_KERNEL, IRIS_TRACE_POINT, (void *)portal, what);
}

static const struct kernel_debug_server operations = {.audit = audit,
                                                      .statistics = statistics,
                                                      .trace = trace,
                                                      .trace_read = trace_read,
                                                      .refuse_page = refuse_page,
                                                      .point = point,
                                                      .panic = panic};

const struct iris_service debug_services[1] = {KERNEL_DEBUG_SERVICE(&operations)};
