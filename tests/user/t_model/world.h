/* SPDX-License-Identifier: MIT */
/* What the controller's files share. */
#ifndef T_MODEL_WORLD_H
#define T_MODEL_WORLD_H

#include "model.h"

#define BADGE_WORKER 0x100u /* + w: who calls the controller */
#define UTCB_FIRST BARE_UTCB_FIRST

struct world {
    uint32_t control_port, quiet_port, quiet_ask, quiet_answer; /* slots */
    uint32_t portals[WORKERS];
    uint32_t control_id, space_ids[SPACES];
    struct bare quiet;
};
extern struct world world;

#endif
