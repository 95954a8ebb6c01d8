/* SPDX-License-Identifier: MIT */
#include "redirect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "expand.h"
#include "shell.h"

#define SAVED_LOWEST 10 /* descriptors that a command may name are below */
#define DOCUMENT_PATH "/tmp/.document-%d-%u"

static bool complain(const char *what)
{
    shell_complain("%s: %s", what, strerror(errno));
    return false;
}

/* Remembers what a descriptor is before it is changed. */
static bool save(int fd, struct redirect_undo *undo)
{
    fflush(stdout); /* what was printed so far belongs to the old one */
    if (undo->count == REDIRECT_SAVED_MAX) {
        shell_complain("too many redirections");
        return false;
    }
    int copy = fcntl(fd, F_DUPFD, SAVED_LOWEST);
    if (copy < 0 && errno != EBADF)
        return complain("cannot redirect");
    if (copy >= 0)
        fcntl(copy, F_SETFD, FD_CLOEXEC);
    undo->saved[undo->count++] = (struct redirect_saved){fd, copy};
    return true;
}

bool redirect_move(int from, int to, struct redirect_undo *undo)
{
    if (from == to) { /* it was closed before: closing it again undoes this */
        if (undo->count < REDIRECT_SAVED_MAX)
            undo->saved[undo->count++] = (struct redirect_saved){to, -1};
        fcntl(from, F_SETFD, 0);
        return true;
    }
    bool done = save(to, undo) && (dup2(from, to) == to || complain("cannot redirect"));
    close(from);
    return done;
}

static bool from_file(const struct redirect *redirect, struct redirect_undo *undo)
{
    static const int flags[] = {[REDIRECT_READ] = O_RDONLY,
                                [REDIRECT_WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
                                [REDIRECT_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
                                [REDIRECT_BOTH] = O_RDWR | O_CREAT};
    char *path;
    if (!expand_word(redirect->target, &path))
        return false;
    int fd = open(path, flags[redirect->kind] | O_CLOEXEC, 0666);
    return fd < 0 ? complain(path) : redirect_move(fd, redirect->fd, undo);
}

/* n>&m, n>&- */
static bool from_descriptor(const struct redirect *redirect, struct redirect_undo *undo)
{
    char *text;
    if (!expand_word(redirect->target, &text))
        return false;
    if (strcmp(text, "-") == 0) {
        if (!save(redirect->fd, undo))
            return false;
        close(redirect->fd);
        return true;
    }
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 4) {
        shell_complain("%s: no descriptor", text);
        return false;
    }
    int from = 0;
    for (const char *digit = text; *digit != '\0'; digit++)
        from = 10 * from + (*digit - '0');
    if (from == redirect->fd)
        return fcntl(from, F_GETFD) >= 0 || complain(text);
    return save(redirect->fd, undo) && (dup2(from, redirect->fd) >= 0 || complain(text));
}

/* A file that has no name any more: no size is too large for it, and nobody must write into a pipe
   that is not read yet. */
static int document_file(void)
{
    static unsigned number;
    char path[64];
    snprintf(path, sizeof path, DOCUMENT_PATH, (int)getpid(), number++);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && unlink(path) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static bool write_document(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t done = write(fd, text, left);
        if (done <= 0)
            return false;
        text += done;
        left -= (size_t)done;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

static bool from_document(const struct redirect *redirect, struct redirect_undo *undo)
{
    char *text = (char *)redirect->document;
    bool is_plain = strcmp(redirect->end, redirect->target) != 0; /* any quote at its end */
    if (!is_plain && !expand_document(redirect->document, &text))
        return false;
    int fd = document_file();
    if (fd < 0)
        return complain("here-document");
    if (write_document(fd, text))
        return redirect_move(fd, redirect->fd, undo);
    complain("here-document");
    close(fd);
    return false;
}

static bool apply_one(const struct redirect *redirect, struct redirect_undo *undo)
{
    switch (redirect->kind) {
    case REDIRECT_COPY_READ:
    case REDIRECT_COPY_WRITE:
        return from_descriptor(redirect, undo);
    case REDIRECT_DOCUMENT:
        return from_document(redirect, undo);
    default:
        return from_file(redirect, undo);
    }
}

bool redirect_apply(const struct redirect *redirect, struct redirect_undo *undo)
{
    for (; redirect != NULL; redirect = redirect->next)
        if (!apply_one(redirect, undo))
            return false;
    return true;
}

void redirect_undo(struct redirect_undo *undo)
{
    if (undo->count > 0)
        fflush(stdout);
    while (undo->count > 0) {
        const struct redirect_saved *saved = &undo->saved[--undo->count];
        if (saved->copy >= 0) {
            dup2(saved->copy, saved->fd);
            close(saved->copy);
        } else {
            close(saved->fd);
        }
    }
}

void redirect_keep(struct redirect_undo *undo)
{
    for (; undo->count > 0; undo->count--)
        if (undo->saved[undo->count - 1].copy >= 0)
            close(undo->saved[undo->count - 1].copy);
}
