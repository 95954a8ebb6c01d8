/* SPDX-License-Identifier: MIT */
/* Interrupt lines as objects. */
#ifndef IRQ_H
#define IRQ_H

#include "object.h"

void irq_init(void);
struct object *irq_object(unsigned line); /* NULL: the kernel's own line */
void irq_closed(struct object *object, const struct space *holder); /* closing acknowledges */

#endif
