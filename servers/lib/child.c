/* SPDX-License-Identifier: MIT */
#include "child.h"

#include "slots.h"

static int give_files(const struct child *child)
{
    int status = 0;

    for (uint32_t i = 0; i < child->files_count && status == 0; i++)
        status =
            process_control_give(child->control, child->files[i].descriptor, child->files[i].slot);
    return status;
}

int child_begin(struct child *child)
{
    int status = give_files(child);

    if (status == 0)
        status = process_control_start(child->control, child->argc, child->envc, child->block,
                                       child->block_size, &child->terms);
    if (status < 0) {
        process_control_kill(child->control);
        iris_handle_discard(child->control);
        child->control = 0;
    }
    return status;
}

int child_start(uint32_t process, struct child *child)
{
    int status = process_spawn(process, child->path, &child->pid, &child->control);
    return status < 0 ? status : child_begin(child);
}
