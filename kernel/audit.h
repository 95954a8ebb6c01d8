/* SPDX-License-Identifier: MIT */
/* The audit walks all queues and states and says what does not fit. */
#ifndef AUDIT_H
#define AUDIT_H

#include "kernel.h"

/* Counts everything; complaints go to the log. True: sound. */
bool audit(struct iris_audit *counts);
bool audit_to(void (*print)(const char *format, ...), struct iris_audit *counts);

#endif
