/* SPDX-License-Identifier: MIT */
/* The audit walks all queues and states and says what does not fit. */
#ifndef AUDIT_H
#define AUDIT_H

#include "kernel.h"

/* Counts everything; complaints go to the log. 0, -EIO, or SYS_RESTART. */
int audit(struct iris_audit *counts);
/* The same in one go. True: sound. */
bool audit_to(void (*put)(char), struct iris_audit *counts);

#endif
