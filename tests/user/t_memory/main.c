/* SPDX-License-Identifier: MIT */
/* Memory: rows 30 (first form), 31 and 32. */
#include <iris/summary.h>

#include "t_memory.h"

IRIS_SUMMARY("test: mappings, grants, unmapping, pagers: [MAPPINGS]");

/* With a number: only the many mappings, so many at most. */
int main(int argc, char *argv[])
{
    test_begin("t_memory");
    test_steps(kit_rounds(argc, argv, 4000));
    if (argc > 1)
        return test_end();
    test_map();
    test_refuse();
    test_pager();
    test_race();
    test_service();
    return test_end();
}
