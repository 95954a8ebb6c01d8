/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

#include "slots.h"

enum { THERE = 0x10000000, PAGES = 8 };

static char page[IRIS_PAGE_SIZE]
    __attribute__((aligned(IRIS_PAGE_SIZE))) = "shared";

/* Another space sees a page of this program, and cannot write to it.
 */
int main(void)
{
    struct iris_mapping_info mapping;
    int space = iris_slot_alloc();

    page[0] = 'S'; /* in memory now: what is not there cannot be mapped */
    if (iris_space_create(space, PAGES, 0, 0, 0, 0) < 0 ||
        iris_memory_map(space, THERE, 0, (uint32_t)page, 1, 0) != 1)
        return 1;
    int found =
        iris_space_inspect(space, IRIS_INSPECT_MAPPINGS, 0, &mapping, 1);
    iris_object_destroy(space);
    iris_handle_discard(space);
    return found == 1 && mapping.flags == 0 ? 0 : 1;
}
