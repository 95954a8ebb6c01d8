/* SPDX-License-Identifier: MIT */
/* Environment variables, and what a program finds around it. */
#include "behaviour.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

extern char **environ;

static bool is(const char *name, const char *value)
{
    const char *found = getenv(name);
    return value == NULL ? found == NULL : found != NULL && strcmp(found, value) == 0;
}

static unsigned count_of(const char *name)
{
    size_t length = strlen(name);
    unsigned count = 0;

    for (char **entry = environ; *entry != NULL; entry++)
        count += strncmp(*entry, name, length) == 0 && (*entry)[length] == '=';
    return count;
}

BEHAVIOUR(setenv_adds, "XSH setenv: adds a variable that was not there")
{
    CHECK(is("POSIX_A", NULL));
    CHECK(setenv("POSIX_A", "one", 0) == 0);
    CHECK(is("POSIX_A", "one"));
    EQUAL(count_of("POSIX_A"), 1);
    CHECK(unsetenv("POSIX_A") == 0);
}

BEHAVIOUR(setenv_keeps, "XSH setenv: with overwrite 0 an existing value stays, and it is no error")
{
    CHECK(setenv("POSIX_A", "one", 1) == 0);
    CHECK(setenv("POSIX_A", "two", 0) == 0);
    CHECK(is("POSIX_A", "one"));
    unsetenv("POSIX_A");
}

BEHAVIOUR(setenv_replaces, "XSH setenv: with overwrite the value is replaced, not doubled")
{
    CHECK(setenv("POSIX_A", "one", 1) == 0);
    CHECK(setenv("POSIX_A", "a longer value than before", 1) == 0);
    CHECK(is("POSIX_A", "a longer value than before"));
    CHECK(setenv("POSIX_A", "s", 1) == 0);
    CHECK(is("POSIX_A", "s"));
    EQUAL(count_of("POSIX_A"), 1);
    unsetenv("POSIX_A");
}

BEHAVIOUR(setenv_copies, "XSH setenv: the caller's strings may change afterwards")
{
    char name[] = "POSIX_A", value[] = "one";

    CHECK(setenv(name, value, 1) == 0);
    name[0] = value[0] = 'X';
    CHECK(is("POSIX_A", "one"));
    unsetenv("POSIX_A");
}

BEHAVIOUR(setenv_empty_value, "XSH setenv: an empty value is not the same as no variable")
{
    CHECK(setenv("POSIX_A", "", 1) == 0);
    CHECK(is("POSIX_A", ""));
    unsetenv("POSIX_A");
    CHECK(is("POSIX_A", NULL));
}

BEHAVIOUR(setenv_invalid, "XSH setenv: an empty name or one with = is EINVAL")
{
    FAILS(setenv("", "x", 1), EINVAL);
    FAILS(setenv("A=B", "x", 1), EINVAL);
}

BEHAVIOUR(unsetenv_invalid, "XSH unsetenv: an empty name or one with = is EINVAL")
{
    FAILS(unsetenv(""), EINVAL);
    FAILS(unsetenv("A=B"), EINVAL);
}

BEHAVIOUR(unsetenv_missing, "XSH unsetenv: a variable that is not there is no error")
{
    CHECK(unsetenv("POSIX_NOT_THERE") == 0);
}

BEHAVIOUR(unsetenv_only_one, "XSH unsetenv: removes just that variable")
{
    CHECK(setenv("POSIX_A", "1", 1) == 0 && setenv("POSIX_AB", "2", 1) == 0);
    CHECK(unsetenv("POSIX_A") == 0);
    CHECK(is("POSIX_A", NULL) && is("POSIX_AB", "2"));
    unsetenv("POSIX_AB");
}

BEHAVIOUR(getenv_prefix, "XSH getenv: names are compared whole, and with their case")
{
    CHECK(setenv("POSIX_ABC", "1", 1) == 0);
    CHECK(is("POSIX_AB", NULL) && is("POSIX_ABCD", NULL) && is("posix_abc", NULL));
    unsetenv("POSIX_ABC");
}

BEHAVIOUR(getenv_value_with_equals, "XBD 8.1: a value may hold = characters")
{
    CHECK(setenv("POSIX_A", "b=c=d", 1) == 0);
    CHECK(is("POSIX_A", "b=c=d"));
    unsetenv("POSIX_A");
}

BEHAVIOUR(putenv_is_the_string, "XSH putenv: the string itself becomes part of the environment")
{
    static char text[] = "POSIX_A=one";

    CHECK(putenv(text) == 0);
    CHECK(is("POSIX_A", "one"));
    strcpy(text, "POSIX_A=two");
    CHECK(is("POSIX_A", "two"));
    CHECK(unsetenv("POSIX_A") == 0);
}

BEHAVIOUR(putenv_replaces, "XSH putenv: replaces a variable that setenv made")
{
    static char text[] = "POSIX_A=two";

    CHECK(setenv("POSIX_A", "one", 1) == 0);
    CHECK(putenv(text) == 0);
    CHECK(is("POSIX_A", "two"));
    EQUAL(count_of("POSIX_A"), 1);
    CHECK(unsetenv("POSIX_A") == 0);
}

BEHAVIOUR(environ_direct, "XBD 8.1: environ is an array of name=value, ended by a null pointer")
{
    unsigned count = 0;

    CHECK(setenv("POSIX_A", "one", 1) == 0);
    REQUIRE(environ != NULL);
    for (char **entry = environ; *entry != NULL; entry++)
        count += strcmp(*entry, "POSIX_A=one") == 0;
    EQUAL(count, 1);
    unsetenv("POSIX_A");
}

BEHAVIOUR(environ_replaced, "XSH environ: assigning environ replaces all variables")
{
    static char one[] = "POSIX_ONLY=1";
    char *own[] = {one, NULL}, **before = environ;

    setenv("POSIX_A", "one", 1);
    before = environ;
    environ = own;
    CHECK(is("POSIX_ONLY", "1") && is("POSIX_A", NULL));
    environ = before;
    CHECK(is("POSIX_ONLY", NULL) && is("POSIX_A", "one"));
    unsetenv("POSIX_A");
}

BEHAVIOUR(many_variables, "XSH setenv: a hundred variables are no trouble")
{
    char name[20], value[20];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "POSIX_%d", i);
        snprintf(value, sizeof value, "value %d", i);
        CHECK(setenv(name, value, 1) == 0);
    }
    CHECK(is("POSIX_0", "value 0") && is("POSIX_57", "value 57") && is("POSIX_99", "value 99"));
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "POSIX_%d", i);
        CHECK(unsetenv(name) == 0);
    }
    EQUAL(count_of("POSIX_57"), 0);
}

CHILD(has_variable)
{
    const char *value = getenv(argv[1]);
    return argv[2] == NULL ? value != NULL : value == NULL || strcmp(value, argv[2]) != 0;
}

BEHAVIOUR(environment_inherited, "XSH posix_spawn: a child's environment is what the call says")
{
    CHECK(setenv("POSIX_A", "one two", 1) == 0);
    EQUAL(run_child("has_variable", "POSIX_A", "one two"), 0);
    CHECK(unsetenv("POSIX_A") == 0);
    EQUAL(run_child("has_variable", "POSIX_A", NULL), 0);
}

CHILD(changes_variable) { return setenv("POSIX_A", "child", 1); }

BEHAVIOUR(environment_separate, "XBD 8.1: what a child changes is not seen by its parent")
{
    CHECK(setenv("POSIX_A", "parent", 1) == 0);
    EQUAL(run_child("changes_variable", NULL, NULL), 0);
    CHECK(is("POSIX_A", "parent"));
    unsetenv("POSIX_A");
}

CHILD(is_in)
{
    char here[PATH_MAX];
    return getcwd(here, sizeof here) == NULL || strcmp(here, argv[1]) != 0;
}

BEHAVIOUR(directory_inherited, "XSH posix_spawn: the current directory is inherited")
{
    char here[PATH_MAX];

    REQUIRE(getcwd(here, sizeof here) != NULL);
    EQUAL(run_child("is_in", here, NULL), 0);
}

CHILD(has_arguments)
{
    return argc != 3 || strcmp(argv[1], "with space") != 0 || strcmp(argv[2], "") != 0 ||
           argv[3] != NULL;
}

BEHAVIOUR(arguments_whole,
          "XSH exec: arguments arrive as they are, also empty ones; argv[argc] is null")
{
    EQUAL(run_child("has_arguments", "with space", ""), 0);
}

BEHAVIOUR(sysconf_limits, "XSH sysconf: the limits are at least what limits.h promises")
{
    CHECK(sysconf(_SC_OPEN_MAX) == -1 || sysconf(_SC_OPEN_MAX) >= _POSIX_OPEN_MAX);
    CHECK(sysconf(_SC_ARG_MAX) == -1 || sysconf(_SC_ARG_MAX) >= _POSIX_ARG_MAX);
    CHECK(sysconf(_SC_CHILD_MAX) == -1 || sysconf(_SC_CHILD_MAX) >= _POSIX_CHILD_MAX);
    CHECK(sysconf(_SC_CLK_TCK) > 0);
}

BEHAVIOUR(sysconf_page, "XSH sysconf: _SC_PAGESIZE is a power of two; an unknown name is EINVAL")
{
    long page = sysconf(_SC_PAGESIZE);

    CHECK(page >= 1 && (page & (page - 1)) == 0);
    FAILS(sysconf(9999), EINVAL);
}

BEHAVIOUR(sysconf_version, "XSH sysconf: _SC_VERSION tells of POSIX.1-2001 or later")
{
    CHECK(sysconf(_SC_VERSION) >= 200112);
}

BEHAVIOUR(timezone_variable, "XBD 8.3: TZ decides local time")
{
    time_t noon = 43200; /* 1970-01-01 12:00 UTC */
    struct tm local;

    CHECK(setenv("TZ", "XST-5", 1) == 0);
    tzset();
    CHECK(localtime_r(&noon, &local) != NULL);
    EQUAL(local.tm_hour, 17);
    unsetenv("TZ");
    tzset();
}

BEHAVIOUR(user_found_both_ways, "XSH getpwuid, getpwnam: the same entry by its user and its name")
{
    char name[64];
    struct passwd *entry = getpwuid(0);

    REQUIRE(entry != NULL);
    EQUAL(entry->pw_uid, 0);
    CHECK(entry->pw_dir[0] == '/' && entry->pw_shell != NULL);
    snprintf(name, sizeof name, "%s", entry->pw_name);
    entry = getpwnam(name);
    REQUIRE(entry != NULL);
    EQUAL(entry->pw_uid, 0);
}

BEHAVIOUR(user_unknown, "XSH getpwnam: a user that does not exist is NULL")
{
    CHECK(getpwnam("nobody of this name") == NULL);
    CHECK(getpwuid(12345) == NULL);
}

BEHAVIOUR(user_in_buffer, "XSH getpwuid_r: ERANGE if the buffer is too small; unknown is no error")
{
    struct passwd entry, *found = &entry;
    char buffer[1024];

    EQUAL(getpwuid_r(0, &entry, buffer, 1, &found), ERANGE);
    CHECK(found == NULL);
    EQUAL(getpwuid_r(0, &entry, buffer, sizeof buffer, &found), 0);
    CHECK(found == &entry && entry.pw_name >= buffer && entry.pw_name < buffer + sizeof buffer);
    EQUAL(getpwuid_r(12345, &entry, buffer, sizeof buffer, &found), 0);
    CHECK(found == NULL);
}

BEHAVIOUR(group_found_both_ways,
          "XSH getgrgid, getgrnam: the same entry by its number and its name")
{
    char name[64];
    struct group *entry = getgrgid(0);

    REQUIRE(entry != NULL);
    EQUAL(entry->gr_gid, 0);
    CHECK(entry->gr_mem != NULL);
    snprintf(name, sizeof name, "%s", entry->gr_name);
    entry = getgrnam(name);
    REQUIRE(entry != NULL);
    EQUAL(entry->gr_gid, 0);
    CHECK(getgrnam("no group of this name") == NULL);
}

BEHAVIOUR(group_in_buffer, "XSH getgrgid_r: ERANGE if the buffer is too small; unknown is no error")
{
    struct group entry, *found = &entry;
    char buffer[4096], *unaligned = buffer + 1;

    EQUAL(getgrgid_r(0, &entry, buffer, 1, &found), ERANGE);
    CHECK(found == NULL);
    EQUAL(getgrgid_r(0, &entry, unaligned, sizeof buffer - 1, &found), 0);
    CHECK(found == &entry && entry.gr_name > buffer && entry.gr_name < buffer + sizeof buffer);
    EQUAL(getgrgid_r(54321, &entry, buffer, sizeof buffer, &found), 0);
    CHECK(found == NULL);
}

BEHAVIOUR(groups_listed, "XSH getgrent, setgrent: each group once, and from the beginning again")
{
    gid_t first;

    setgrent();
    struct group *entry = getgrent();
    REQUIRE(entry != NULL);
    first = entry->gr_gid;
    for (int i = 0; i < 1000 && (entry = getgrent()) != NULL; i++)
        CHECK(entry->gr_gid != first);
    CHECK(entry == NULL);
    setgrent();
    entry = getgrent();
    CHECK(entry != NULL && entry->gr_gid == first);
    endgrent();
}

BEHAVIOUR(groups_own, "XSH getgroups: as many as it says; a list that is too short is EINVAL")
{
    gid_t list[1000];
    int count = getgroups(0, list);

    REQUIRE(count >= 0 && count <= 1000);
    EQUAL(getgroups(count, list), count);
    volatile int too_few = count > 1 ? count - 1 : -1; /* 0 would only ask */
    FAILS(getgroups(too_few, list), EINVAL);
}

BEHAVIOUR(become_oneself, "XSH setuid, setgid, seteuid, setegid: a process may become what it is")
{
    CHECK(setgid(getgid()) == 0 && setegid(getegid()) == 0);
    CHECK(setuid(getuid()) == 0 && seteuid(geteuid()) == 0);
    CHECK(setregid((gid_t)-1, (gid_t)-1) == 0 && setreuid((uid_t)-1, (uid_t)-1) == 0);
}

static long long microseconds(struct timeval time)
{
    return time.tv_sec * 1000000ll + time.tv_usec;
}

BEHAVIOUR(rusage_grows, "XSH getrusage: RUSAGE_SELF tells the time used; another `who` is EINVAL")
{
    struct rusage before, after;

    REQUIRE(getrusage(RUSAGE_SELF, &before) == 0);
    do
        REQUIRE(getrusage(RUSAGE_SELF, &after) == 0);
    while (microseconds(after.ru_utime) + microseconds(after.ru_stime) ==
           microseconds(before.ru_utime) + microseconds(before.ru_stime));
    FAILS(getrusage(77, &after), EINVAL);
}
