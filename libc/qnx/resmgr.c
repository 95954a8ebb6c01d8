/* SPDX-License-Identifier: MIT */
/* Resource managers: places below /dev, open files, and the functions that serve them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <unistd.h>

#include <iris/object.h>

#include "dispatch_private.h"
#include "names.h"
#include "qnx.h"

#define PATH_PREFIX "/dev/"
#define NAME_PREFIX "files/dev/"

/* ---- Places ---- */

static int name_of(const char *path, char name[121])
{
    if (strncmp(path, PATH_PREFIX, strlen(PATH_PREFIX)) != 0)
        return -EPERM; /* elsewhere only the system mounts */
    path += strlen(PATH_PREFIX);
    if (*path == '\0' || strlen(path) > 120 - strlen(NAME_PREFIX))
        return *path == '\0' ? -EINVAL : -ENAMETOOLONG;
    strcpy(stpcpy(name, NAME_PREFIX), path);
    return 0;
}

/* Whoever has the portal opens files there: to the channel it is a client like any other. */
static int open_place(struct mount *mount, int chid)
{
    struct channel *channel = qnx_channel_hold(chid);
    struct client *client = NULL;

    if (channel == NULL)
        return -EBADF;
    int status = qnx_client_create(channel, getpid(), &client);
    if (status == 0) {
        channel->files = true;
        client->files = true;
        mount->scoid = client->scoid;
        mount->portal = client->messages;
        status = names_register(IRIS_SLOT_NAMES, mount->path, mount->portal);
    }
    if (status < 0 && client != NULL) {
        qnx_lock();
        qnx_client_forget(client);
        qnx_unlock();
    }
    qnx_channel_drop(channel);
    return status;
}

static int attach(dispatch_t *dpp, struct mount *mount, const char *path)
{
    int status = name_of(path, mount->path);
    int chid = status < 0 ? status : dispatch_channel(dpp);

    if (chid < 0)
        return chid;
    iris_mutex_lock(&dpp->lock);
    mount->id = ++dpp->last_id;
    mount->next = dpp->mounts;
    dpp->mounts = mount;
    iris_mutex_unlock(&dpp->lock);
    return open_place(mount, chid);
}

static void unlink_mount(dispatch_t *dpp, const struct mount *mount)
{
    struct mount **place = &dpp->mounts;

    iris_mutex_lock(&dpp->lock);
    while (*place != NULL && *place != mount)
        place = &(*place)->next;
    if (*place != NULL)
        *place = mount->next;
    iris_mutex_unlock(&dpp->lock);
}

int resmgr_attach(dispatch_t *dpp, resmgr_attr_t *attr, const char *path, int file_type,
                  unsigned flags, const resmgr_connect_funcs_t *connect,
                  const resmgr_io_funcs_t *io, RESMGR_HANDLE_T *handle)
{
    if (file_type != _FTYPE_ANY || flags != 0) {
        errno = ENOTSUP; /* directories are not served */
        return -1;
    }
    struct mount *mount = path != NULL ? calloc(1, sizeof *mount) : NULL;
    if (mount == NULL) {
        errno = path == NULL ? EINVAL : ENOMEM;
        return -1;
    }
    mount->connect = connect;
    mount->io = io;
    mount->handle = handle;
    if (attr != NULL && attr->msg_max_size > dpp->message_size)
        dpp->message_size = attr->msg_max_size;
    int status = attach(dpp, mount, path);
    if (status == 0)
        return mount->id;
    unlink_mount(dpp, mount);
    free(mount);
    errno = -status;
    return -1;
}

static void end_mount(struct mount *mount)
{
    names_unregister(IRIS_SLOT_NAMES, mount->path, mount->portal);
    qnx_lock();
    struct client *client = qnx_client_find(mount->scoid);
    if (client != NULL)
        qnx_client_forget(client);
    qnx_unlock();
}

/* Files that are open stay so; the record stays for them. */
int resmgr_detach(dispatch_t *dpp, int id, unsigned flags)
{
    struct mount *mount = dpp->mounts;

    (void)flags;
    while (mount != NULL && (mount->id != id || mount->scoid == 0))
        mount = mount->next;
    if (mount == NULL) {
        errno = EINVAL;
        return -1;
    }
    end_mount(mount);
    mount->scoid = 0;
    return 0;
}

/* ---- Open files ---- */

static struct binding *find_binding(dispatch_t *dpp, int scoid)
{
    iris_mutex_lock(&dpp->lock);
    struct binding *binding = dpp->bindings;
    while (binding != NULL && binding->scoid != scoid)
        binding = binding->next;
    iris_mutex_unlock(&dpp->lock);
    return binding;
}

static struct mount *find_mount(const dispatch_t *dpp, int scoid)
{
    struct mount *mount = dpp->mounts;

    while (mount != NULL && mount->scoid != scoid)
        mount = mount->next;
    return mount;
}

int resmgr_open_bind(resmgr_context_t *ctp, void *ocb, const resmgr_io_funcs_t *io)
{
    struct binding *binding = malloc(sizeof *binding);
    dispatch_t *dpp = ctp->dpp;

    if (binding == NULL) {
        errno = ENOMEM;
        return -1;
    }
    struct mount *mount = find_mount(dpp, ctp->info.coid);
    *binding = (struct binding){
        .scoid = ctp->info.scoid, .mount = mount, .io = io != NULL ? io : mount->io, .ocb = ocb};
    iris_mutex_lock(&dpp->lock);
    binding->next = dpp->bindings;
    dpp->bindings = binding;
    iris_mutex_unlock(&dpp->lock);
    return 0;
}

static struct binding *unbind(dispatch_t *dpp, int scoid)
{
    iris_mutex_lock(&dpp->lock);
    struct binding **place = &dpp->bindings, *binding;
    while ((binding = *place) != NULL && binding->scoid != scoid)
        place = &binding->next;
    if (binding != NULL)
        *place = binding->next;
    iris_mutex_unlock(&dpp->lock);
    return binding;
}

static void close_file(resmgr_context_t *ctp, struct binding *binding)
{
    if (binding->io->close_ocb != NULL)
        binding->io->close_ocb(ctp, NULL, binding->ocb);
    free(binding);
}

void resmgr_end(dispatch_t *dpp)
{
    resmgr_context_t ctp = {.dpp = dpp};

    while (dpp->bindings != NULL)
        close_file(&ctp, unbind(dpp, dpp->bindings->scoid));
    for (struct mount *next, *mount = dpp->mounts; mount != NULL; mount = next) {
        next = mount->next;
        if (mount->scoid != 0)
            end_mount(mount);
        free(mount);
    }
    dpp->mounts = NULL;
}

/* ---- Messages ---- */

#define CALL(function, ...) ((function) != NULL ? (function)(__VA_ARGS__) : ENOSYS)

static int call_io(resmgr_context_t *ctp, const struct binding *binding)
{
    const resmgr_io_funcs_t *io = binding->io;
    resmgr_iomsgs_t *msg = ctp->msg;

    switch (msg->type) {
    case _IO_READ:
        return CALL(io->read, ctp, &msg->read, binding->ocb);
    case _IO_WRITE:
        return CALL(io->write, ctp, &msg->write, binding->ocb);
    case _IO_STAT:
        return CALL(io->stat, ctp, &msg->stat, binding->ocb);
    case _IO_NOTIFY:
        return CALL(io->notify, ctp, &msg->notify, binding->ocb);
    case _IO_DEVCTL:
        return CALL(io->devctl, ctp, &msg->devctl, binding->ocb);
    case _IO_LSEEK:
        return CALL(io->lseek, ctp, &msg->lseek, binding->ocb);
    case _IO_CHMOD:
        return CALL(io->chmod, ctp, &msg->chmod, binding->ocb);
    case _IO_UTIME:
        return CALL(io->utime, ctp, &msg->utime, binding->ocb);
    case _IO_SYNC:
        return CALL(io->sync, ctp, &msg->sync, binding->ocb);
    default:
        return ENOSYS;
    }
}

static int open_file(resmgr_context_t *ctp, const struct mount *mount)
{
    if (ctp->info.srcmsglen > (int)ctp->msg_max_size)
        return ENAMETOOLONG;
    if (ctp->msg->connect.connect.path[0] != '\0')
        return ENOTDIR; /* a place is one file */
    ctp->id = mount->id;
    if (mount->connect->open == NULL)
        return ENOSYS;
    int result = mount->connect->open(ctp, &ctp->msg->connect, mount->handle, NULL);
    if (result == EOK && find_binding(ctp->dpp, ctp->info.scoid) == NULL)
        return ENOSYS; /* it has bound nothing to serve */
    return result;
}

/* What a handler has said becomes the reply. */
static void finish(resmgr_context_t *ctp, int result)
{
    if (result == _RESMGR_NOREPLY)
        return;
    if (result == _RESMGR_DEFAULT)
        result = ENOSYS;
    if (result <= _RESMGR_NPARTS(0))
        MsgReplyv_r(ctp->rcvid, ctp->status, ctp->iov, (size_t)(_RESMGR_NPARTS(0) - result));
    else if (result == EOK)
        MsgReply_r(ctp->rcvid, ctp->status, NULL, 0);
    else
        MsgError_r(ctp->rcvid, result);
}

static bool handle_pulse(resmgr_context_t *ctp)
{
    struct _pulse *pulse = &ctp->msg->pulse;
    struct binding *binding;
    struct _msg_info info;

    if (pulse->code == _PULSE_CODE_DISCONNECT) {
        binding = unbind(ctp->dpp, pulse->scoid);
        ConnectDetach_r(pulse->scoid);
        if (binding != NULL)
            close_file(ctp, binding);
        return true;
    }
    if (pulse->code != _PULSE_CODE_UNBLOCK || MsgInfo_r(pulse->value.sival_int, &info) < 0)
        return false;
    binding = find_binding(ctp->dpp, info.scoid);
    if (binding == NULL || binding->io->unblock == NULL)
        return false;
    ctp->rcvid = pulse->value.sival_int;
    ctp->info = info;
    ctp->status = 0;
    finish(ctp, binding->io->unblock(ctp, pulse, binding->ocb));
    return true;
}

bool resmgr_handle(resmgr_context_t *ctp)
{
    if (ctp->rcvid == 0)
        return handle_pulse(ctp);
    const struct mount *mount =
        ctp->msg->type == _IO_CONNECT ? find_mount(ctp->dpp, ctp->info.coid) : NULL;
    const struct binding *binding = find_binding(ctp->dpp, ctp->info.scoid);
    if (mount == NULL && binding == NULL)
        return false;
    finish(ctp, mount != NULL ? open_file(ctp, mount) : call_io(ctp, binding));
    return true;
}

/* ---- For handlers ---- */

ssize_t resmgr_msgread(resmgr_context_t *ctp, void *msg, size_t bytes, size_t offset)
{
    return MsgRead(ctp->rcvid, msg, bytes, ctp->offset + offset);
}

ssize_t resmgr_msgreadv(resmgr_context_t *ctp, const iov_t *iov, int parts, size_t offset)
{
    return MsgReadv(ctp->rcvid, iov, (size_t)parts, ctp->offset + offset);
}

ssize_t resmgr_msgwrite(resmgr_context_t *ctp, const void *msg, size_t bytes, size_t offset)
{
    return MsgWrite(ctp->rcvid, msg, bytes, ctp->offset + offset);
}

ssize_t resmgr_msgwritev(resmgr_context_t *ctp, const iov_t *iov, int parts, size_t offset)
{
    return MsgWritev(ctp->rcvid, iov, (size_t)parts, ctp->offset + offset);
}

int resmgr_msgreply(resmgr_context_t *ctp, const void *msg, size_t bytes)
{
    return MsgReply(ctp->rcvid, ctp->status, msg, bytes);
}

int resmgr_msgreplyv(resmgr_context_t *ctp, const iov_t *iov, int parts)
{
    return MsgReplyv(ctp->rcvid, ctp->status, iov, (size_t)parts);
}
