/* SPDX-License-Identifier: MIT */
/* newlib's header uses off_t without declaring it. */
#include_next <regex.h>
#include <sys/types.h>
