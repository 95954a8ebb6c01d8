/* SPDX-License-Identifier: MIT */
/*
 * The environment's changes, in the place of newlib's, which take any name and copy what putenv is
 * given. The list is the program's own until the first change moves it here; strings that setenv
 * made are never given back, because nobody can know who still has one.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"

static char **own; /* the list as this file made it; environ may be another */
static size_t room;

static size_t count(void)
{
    size_t n = 0;

    while (environ != NULL && environ[n] != NULL)
        n++;
    return n;
}

static char **find(const char *name, size_t length)
{
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return entry;
    return NULL;
}

/* Makes the list large enough for one more. */
static int grow(size_t used)
{
    if (environ == own && used + 1 < room)
        return 0;
    size_t larger = 2 * used + 16;
    char **list = malloc(larger * sizeof *list);
    if (list == NULL)
        return -ENOMEM;
    memcpy(list, environ, used * sizeof *list);
    list[used] = NULL;
    free(own);
    environ = own = list;
    room = larger;
    return 0;
}

/* `string` is NAME=value, with a name of this length. */
static int put(char *string, size_t length)
{
    char **entry = find(string, length);
    if (entry != NULL) {
        *entry = string;
        return 0;
    }
    size_t used = count();
    int error = grow(used);
    if (error == 0) {
        environ[used] = string;
        environ[used + 1] = NULL;
    }
    return error;
}

static int take_away(const char *name)
{
    char **entry;

    while ((entry = find(name, strlen(name))) != NULL)
        do
            entry[0] = entry[1];
        while (*entry++ != NULL);
    return 0;
}

static bool is_name(const char *name)
{
    return name != NULL && *name != '\0' && strchr(name, '=') == NULL;
}

int putenv(char *string)
{
    const char *equals = strchr(string, '=');

    libc_lock();
    int error = equals != NULL ? put(string, (size_t)(equals - string)) : take_away(string);
    libc_unlock();
    return libc_result(error);
}

int setenv(const char *name, const char *value, int overwrite)
{
    if (!is_name(name))
        return libc_result(-EINVAL);
    if (!overwrite && getenv(name) != NULL)
        return 0;
    size_t length = strlen(name), size = strlen(value) + 1;
    char *string = malloc(length + 1 + size);
    if (string == NULL)
        return -1;
    memcpy(string, name, length);
    string[length] = '=';
    memcpy(string + length + 1, value, size);
    return putenv(string);
}

int unsetenv(const char *name)
{
    if (!is_name(name))
        return libc_result(-EINVAL);
    libc_lock();
    take_away(name);
    libc_unlock();
    return 0;
}
