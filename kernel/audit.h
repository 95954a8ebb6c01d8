/* SPDX-License-Identifier: MIT */
/* The audit walks all queues and states and says what does not fit. */
#ifndef AUDIT_H
#define AUDIT_H

#include "kernel.h"

/* Counts everything into a user's struct iris_audit; complaints go to the log. 0, -EIO, -EFAULT, or
   SYS_RESTART. */
int audit(uint32_t buffer);
/* The same in one go, for the kernel. True: sound. */
bool audit_to(void (*put)(char), struct iris_audit *counts);

#endif
