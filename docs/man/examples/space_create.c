/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/object.h>

#include "slots.h"

enum { PAGES = 8, CEILING = 10 };

int main(void)
{
    struct iris_space_info info;
    int space = iris_slot_alloc();

    if (space < 0 ||
        iris_space_create(space, PAGES, CEILING, 0, 0, 0) < 0)
        return 1;
    int found =
        iris_space_inspect(space, IRIS_INSPECT_SPACE, 0, &info, 1);
    iris_object_destroy(space); /* its pages come back */
    iris_handle_discard(space);
    return found == 1 && info.ceiling == CEILING ? 0 : 1;
}
