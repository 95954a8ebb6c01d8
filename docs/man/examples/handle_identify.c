/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/calls.h>
#include <iris/object.h>

int main(void)
{
    struct iris_handle_info info;

    if (iris_handle_identify(IRIS_SLOT_STDOUT, 0, &info) < 0)
        return 1;
    printf("standard output: object %u of type %u, rights 0x%02x\n",
           (unsigned)info.object, (unsigned)info.type,
           (unsigned)info.rights);
    return info.type == IRIS_TYPE_PORTAL ? 0 : 1;
}
