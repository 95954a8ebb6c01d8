/* SPDX-License-Identifier: MIT */
/* newlib's header uses off_t without declaring it. */
#include <sys/types.h>

#include_next <regex.h>
