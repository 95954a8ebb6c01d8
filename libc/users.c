/* SPDX-License-Identifier: MIT */
/* The database of users. There is one user, whom getuid names; no file is read. */
#define _GNU_SOURCE /* secure_getenv */
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "root"
#define HOME "/"
#define SHELL "/bin/shell"

/* All strings of the entry as they lie in a caller's buffer. */
struct strings {
    char name[sizeof NAME], empty[1], home[sizeof HOME], shell[sizeof SHELL];
};

static const struct strings root = {NAME, "", HOME, SHELL};

static struct passwd entry_of(struct strings *text)
{
    *text = root;
    return (struct passwd){.pw_name = text->name,
                           .pw_passwd = text->empty,
                           .pw_uid = getuid(),
                           .pw_gid = getgid(),
                           .pw_comment = text->empty,
                           .pw_gecos = text->empty,
                           .pw_dir = text->home,
                           .pw_shell = text->shell};
}

/* Returns its error, as those that call it do. That nobody is found is none. */
static int answer(bool found, struct passwd *entry, char *buffer, size_t size,
                  struct passwd **result)
{
    *result = NULL;
    if (!found)
        return 0;
    if (size < sizeof root)
        return ERANGE;
    *entry = entry_of((struct strings *)(void *)buffer); /* made of bytes only: aligned anywhere */
    *result = entry;
    return 0;
}

int getpwuid_r(uid_t user, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
    return answer(user == getuid(), entry, buffer, size, result);
}

int getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
               struct passwd **result)
{
    return answer(strcmp(name, NAME) == 0, entry, buffer, size, result);
}

/* ---- The same in a place of the library's own ---- */

static struct passwd last;
static struct strings last_text;

struct passwd *getpwuid(uid_t user)
{
    struct passwd *found;
    getpwuid_r(user, &last, (char *)&last_text, sizeof last_text, &found);
    return found;
}

struct passwd *getpwnam(const char *name)
{
    struct passwd *found;
    getpwnam_r(name, &last, (char *)&last_text, sizeof last_text, &found);
    return found;
}

/* ---- All of them ---- */

static bool was_told;

struct passwd *getpwent(void)
{
    bool is_first = !was_told;
    was_told = true;
    return is_first ? getpwuid(getuid()) : NULL;
}

void setpwent(void) { was_told = false; }

void endpwent(void) { was_told = false; }

/* ---- Who is it? ---- */

int getlogin_r(char *name, size_t size)
{
    if (size < sizeof NAME)
        return ERANGE;
    strcpy(name, NAME);
    return 0;
}

char *getlogin(void)
{
    static char name[sizeof NAME];
    getlogin_r(name, sizeof name);
    return name;
}

/* Nothing runs with the rights of another user, so no environment is less to be trusted. */
int issetugid(void) { return 0; }

char *secure_getenv(const char *name) { return getenv(name); }
