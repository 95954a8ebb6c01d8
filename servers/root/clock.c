/* SPDX-License-Identifier: MIT */
/* The time of day: what the hardware's clock says becomes the system's, before anybody asks. */
#include "root.h"

#include <iris/vdso.h>

#include "rtc.h" /* generated from drivers/rtc/rtc.idl */

#define NS 1000000000u
#define PATIENCE (2ull * NS) /* a clock that lives answers within some ms */

static int ask(uint32_t rtc, uint64_t *seconds)
{
    struct iris_message m = {.tag = IRIS_TAG(RTC_LABEL_TIME, 0) | IRIS_TAG_DEADLINE};

    iris_utcb()->deadline = iris_clock_monotonic() + PATIENCE;
    iris_ipc_raw(rtc, &m);
    *seconds = (uint64_t)m.word[1] << 32 | m.word[0];
    return m.tag & IRIS_TAG_ERROR ? iris_tag_error(m.tag) : -(int)iris_tag_label(m.tag);
}

/* Without it the system runs on, from 1970. */
void clock_set(uint32_t rtc)
{
    uint64_t seconds;
    int status = ask(rtc, &seconds);

    if (status == 0) {
        uint64_t start = seconds * NS - iris_clock_monotonic();
        status = iris_trace_control(IRIS_SLOT_ROOT_KERNEL, IRIS_TRACE_CLOCK,
                                    (void *)(uint32_t)start, (uint32_t)(start >> 32));
    }
    if (status < 0)
        say("boot: the hardware's clock does not tell the time: ", error_name(status), NULL);
}
