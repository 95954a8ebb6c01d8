/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/calls.h>
#include <iris/object.h>

enum { AT_ONCE = 8 };

/* All handles of this program, a few at a time. */
int main(void)
{
    struct iris_handle_info handles[AT_ONCE];
    uint32_t cursor = 0;
    int count;

    while (
        (count = iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_HANDLES,
                                    cursor, handles, AT_ONCE)) > 0) {
        for (int i = 0; i < count; i++)
            printf("slot %u: type %u\n", (unsigned)handles[i].slot,
                   (unsigned)handles[i].type);
        cursor = handles[count - 1].slot + 1;
    }
    return count == 0 ? 0 : 1;
}
