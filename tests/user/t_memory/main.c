/* SPDX-License-Identifier: MIT */
/* Memory: rows 30 (first form), 31 and 32. */
#include <iris/summary.h>

#include "t_memory.h"

IRIS_SUMMARY("test: mappings, grants, unmapping, pagers");

int main(void)
{
    test_begin("t_memory");
    test_map();
    test_refuse();
    test_pager();
    test_service();
    return test_end();
}
