/* SPDX-License-Identifier: MIT */
/* Older ways to set a file's times, on utimensat and futimens. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

static struct timespec from_timeval(struct timeval time)
{
    return (struct timespec){time.tv_sec, time.tv_usec * 1000};
}

int utime(const char *path, const struct utimbuf *times)
{
    if (times == NULL)
        return utimensat(AT_FDCWD, path, NULL, 0);
    return utimensat(AT_FDCWD, path, (struct timespec[]){{times->actime, 0}, {times->modtime, 0}},
                     0);
}

int utimes(const char *path, const struct timeval *times)
{
    if (times == NULL)
        return utimensat(AT_FDCWD, path, NULL, 0);
    return utimensat(AT_FDCWD, path,
                     (struct timespec[]){from_timeval(times[0]), from_timeval(times[1])}, 0);
}

int futimes(int fd, const struct timeval *times)
{
    if (times == NULL)
        return futimens(fd, NULL);
    return futimens(fd, (struct timespec[]){from_timeval(times[0]), from_timeval(times[1])});
}
