/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>

#include "slots.h"

int main(void)
{
    int space = iris_slot_alloc();

    if (space < 0 || iris_space_create(space, 8, 0, 0, 0, 0) < 0)
        return 1;
    int more = iris_space_fund(space, 4);
    int back = iris_space_fund(space, -2u);
    iris_object_destroy(space);
    iris_handle_discard(space);
    return more == 0 && back == 0 ? 0 : 1;
}
