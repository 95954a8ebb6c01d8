/* SPDX-License-Identifier: MIT */
#include "modes.h"

#include <stdlib.h>
#include <string.h>

/* One part of a list: "u+x-w". Where it ends, or NULL. */
static const char *apply_part(const char *text, mode_t *mode)
{
    mode_t who = 0;
    for (; *text != '\0' && strchr("ugoa", *text) != NULL; text++)
        who |= *text == 'u' ? 0700 : *text == 'g' ? 0070 : *text == 'o' ? 0007 : 0777;
    who = who != 0 ? who : 0777;
    if (*text == '\0' || strchr("+-=", *text) == NULL)
        return NULL;
    while (*text != '\0' && strchr("+-=", *text) != NULL) {
        mode_t what = 0;
        char sign = *text++;
        for (; *text != '\0' && strchr("rwx", *text) != NULL; text++)
            what |= *text == 'r' ? 0444 : *text == 'w' ? 0222 : 0111;
        *mode = sign == '+'   ? *mode | (what & who)
                : sign == '-' ? *mode & ~(what & who)
                              : (*mode & ~who) | (what & who);
    }
    return text;
}

bool modes_apply(const char *text, mode_t *mode)
{
    mode_t result = *mode;
    if (*text != '\0' && strspn(text, "01234567") == strlen(text)) {
        unsigned long value = strtoul(text, NULL, 8);
        *mode = value <= 07777 ? (mode_t)value : *mode;
        return value <= 07777;
    }
    do
        text = apply_part(text, &result);
    while (text != NULL && *text++ == ',');
    if (text == NULL || text[-1] != '\0')
        return false;
    *mode = result;
    return true;
}
