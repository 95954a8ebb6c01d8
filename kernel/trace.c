/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <iris/datapage.h>

#include "arch.h"
#include "audit.h"
#include "frame.h"
#include "handle.h"
#include "point.h"
#include "sched.h"
#include "syscall.h"

#define RECORDS 2048 /* a power of two */

bool trace_on;

static struct {
    struct iris_trace_record records[RECORDS];
    uint32_t written, read; /* numbers of records; their difference is at most RECORDS */
} ring;

void trace_record(enum iris_trace_event event, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    ring.records[ring.written++ % RECORDS] =
        (struct iris_trace_record){arch_now(), event, thread_current()->object.id, {a, b, c, d}};
    if (ring.written - ring.read > RECORDS)
        ring.read = ring.written - RECORDS; /* the oldest is lost */
}

static int trace_read(uint32_t buffer, uint32_t count)
{
    uint32_t done = 0;

    while (done < min(count, 64u) && ring.read != ring.written) {
        const struct iris_trace_record *record = &ring.records[ring.read % RECORDS];
        if (arch_copy_out(buffer + done * sizeof(*record), record, sizeof(*record)) < 0)
            return -EFAULT;
        ring.read++;
        done++;
    }
    return (int)done;
}

int sys_trace_control(uint32_t kernel, uint32_t operation, uint32_t buffer, uint32_t count)
{
    int error;

    if (!handle_get(kernel, IRIS_TYPE_KERNEL, IRIS_RIGHT_CONTROL, &error))
        return error;
    switch (operation) {
    case IRIS_TRACE_OFF:
    case IRIS_TRACE_ON:
        trace_on = operation == IRIS_TRACE_ON;
        arch_fast_path_enable(!trace_on); /* the C path records */
        return 0;
    case IRIS_TRACE_READ:
        return trace_read(buffer, count);
    case IRIS_TRACE_AUDIT:
        return audit(buffer);
    case IRIS_TRACE_PANIC:
        panic("asked for by trace_control");
    case IRIS_TRACE_STATS:
        return arch_copy_out(buffer, &cpu.stats, sizeof(cpu.stats));
    case IRIS_TRACE_REFUSE_PAGE:
        return account_refuse(buffer, count);
    case IRIS_TRACE_POINT:
        return point_arm(buffer, count);
    case IRIS_TRACE_CLOCK:
        arch_data_page->boot_time = (uint64_t)count << 32 | buffer;
        arch_data_page->sequence += 2; /* who is just reading it reads again */
        return 0;
    default:
        return -EINVAL;
    }
}
