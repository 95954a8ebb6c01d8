/* SPDX-License-Identifier: MIT */
/* Default functions of resource managers: what files have in common. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/iofunc.h>
#include <sys/resmgr.h>
#include <time.h>
#include <unistd.h>

#include <iris/ipc.h>
#include <iris/sync.h>

#include "devctl.h"

/* ---- State ---- */

void iofunc_func_init(unsigned nconnect, resmgr_connect_funcs_t *connect, unsigned nio,
                      resmgr_io_funcs_t *io)
{
    if (nconnect > 0)
        *connect = (resmgr_connect_funcs_t){.nfuncs = nconnect, .open = iofunc_open_default};
    if (nio > 0)
        *io = (resmgr_io_funcs_t){.nfuncs = nio,
                                  .read = iofunc_read_default,
                                  .write = iofunc_write_default,
                                  .close_ocb = iofunc_close_ocb_default,
                                  .stat = iofunc_stat_default,
                                  .devctl = iofunc_devctl_default,
                                  .unblock = iofunc_unblock_default,
                                  .lseek = iofunc_lseek_default,
                                  .chmod = iofunc_chmod_default,
                                  .utime = iofunc_utime_default,
                                  .sync = iofunc_sync_default};
}

void iofunc_attr_init(iofunc_attr_t *attr, mode_t mode, iofunc_attr_t *parent, void *info)
{
    static ino_t inodes;

    (void)info;
    *attr = (iofunc_attr_t){.mode = mode, .nlink = 1, .inode = ++inodes};
    if (parent != NULL)
        attr->mount = parent->mount;
    attr->mtime = attr->atime = attr->ctime = time(NULL);
}

/* The lock is recursive: default functions take it, and so do those that call them. */
int iofunc_attr_lock(iofunc_attr_t *attr)
{
    uint32_t self = iris_utcb()->thread, owner = 0;

    if (__atomic_load_n(&attr->lock.owner, __ATOMIC_RELAXED) != self) {
        while (!__atomic_compare_exchange_n(&attr->lock.owner, &owner, self, false,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            __atomic_fetch_add(&attr->lock.awaited, 1, __ATOMIC_SEQ_CST);
            iris_word_sleep(&attr->lock.owner, owner, IRIS_DEADLINE_NONE);
            __atomic_fetch_sub(&attr->lock.awaited, 1, __ATOMIC_SEQ_CST);
            owner = 0;
        }
    }
    attr->lock.depth++;
    return EOK;
}

int iofunc_attr_unlock(iofunc_attr_t *attr)
{
    if (--attr->lock.depth > 0)
        return EOK;
    __atomic_store_n(&attr->lock.owner, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&attr->lock.awaited, __ATOMIC_SEQ_CST) != 0)
        iris_word_rouse(&attr->lock.owner);
    return EOK;
}

IOFUNC_OCB_T *iofunc_ocb_calloc(resmgr_context_t *ctp, IOFUNC_ATTR_T *attr)
{
    (void)ctp;
    (void)attr;
    return calloc(1, sizeof(iofunc_ocb_t));
}

void iofunc_ocb_free(IOFUNC_OCB_T *ocb) { free(ocb); }

static const iofunc_funcs_t *funcs_of(const iofunc_attr_t *attr)
{
    static const iofunc_funcs_t standard = {_IOFUNC_NFUNCS, iofunc_ocb_calloc, iofunc_ocb_free};
    return attr->mount != NULL && attr->mount->funcs != NULL ? attr->mount->funcs : &standard;
}

int iofunc_ocb_attach(resmgr_context_t *ctp, io_open_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr,
                      const resmgr_io_funcs_t *io)
{
    ocb->attr = attr;
    ocb->ioflag = msg->connect.ioflag;
    if (resmgr_open_bind(ctp, ocb, io) < 0)
        return errno;
    attr->count++;
    attr->rcount += (ocb->ioflag & _IO_FLAG_RD) != 0;
    attr->wcount += (ocb->ioflag & _IO_FLAG_WR) != 0;
    return EOK;
}

int iofunc_ocb_detach(resmgr_context_t *ctp, iofunc_ocb_t *ocb)
{
    iofunc_attr_t *attr = ocb->attr;

    (void)ctp;
    attr->count--;
    attr->rcount -= (ocb->ioflag & _IO_FLAG_RD) != 0;
    attr->wcount -= (ocb->ioflag & _IO_FLAG_WR) != 0;
    return EOK;
}

/* ---- Opening and closing ---- */

/* Iris has no users: everybody is the file's owner. */
int iofunc_check_access(resmgr_context_t *ctp, const iofunc_attr_t *attr, mode_t check,
                        const struct _client_info *info)
{
    (void)ctp;
    (void)info;
    return (attr->mode & check) == check ? EOK : EACCES;
}

int iofunc_open(resmgr_context_t *ctp, io_open_t *msg, iofunc_attr_t *attr, iofunc_attr_t *dattr,
                void *info)
{
    uint32_t ioflag = msg->connect.ioflag;
    mode_t check = (ioflag & _IO_FLAG_RD ? S_IRUSR : 0) | (ioflag & _IO_FLAG_WR ? S_IWUSR : 0);

    (void)dattr;
    if ((ioflag & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return EEXIST;
    return iofunc_check_access(ctp, attr, check, info);
}

int iofunc_open_default(resmgr_context_t *ctp, io_open_t *msg, iofunc_attr_t *attr, void *extra)
{
    (void)extra;
    iofunc_attr_lock(attr);
    int error = iofunc_open(ctp, msg, attr, NULL, NULL);
    iofunc_ocb_t *ocb = error == EOK ? funcs_of(attr)->ocb_calloc(ctp, attr) : NULL;
    if (error == EOK)
        error = ocb != NULL ? iofunc_ocb_attach(ctp, msg, ocb, attr, NULL) : ENOMEM;
    if (error != EOK && ocb != NULL)
        funcs_of(attr)->ocb_free(ocb);
    iofunc_attr_unlock(attr);
    return error;
}

int iofunc_close_ocb_default(resmgr_context_t *ctp, void *reserved, iofunc_ocb_t *ocb)
{
    iofunc_attr_t *attr = ocb->attr;

    (void)reserved;
    iofunc_attr_lock(attr);
    iofunc_time_update(attr);
    iofunc_ocb_detach(ctp, ocb);
    iofunc_attr_unlock(attr);
    funcs_of(attr)->ocb_free(ocb);
    return EOK;
}

/* ---- Reading and writing ---- */

static int verify(const iofunc_ocb_t *ocb, uint32_t need, int *nonblock)
{
    if (nonblock != NULL)
        *nonblock = (ocb->ioflag & O_NONBLOCK) != 0;
    return ocb->ioflag & need ? EOK : EBADF;
}

int iofunc_read_verify(resmgr_context_t *ctp, io_read_t *msg, iofunc_ocb_t *ocb, int *nonblock)
{
    (void)ctp;
    (void)msg;
    return verify(ocb, _IO_FLAG_RD, nonblock);
}

int iofunc_write_verify(resmgr_context_t *ctp, io_write_t *msg, iofunc_ocb_t *ocb, int *nonblock)
{
    (void)ctp;
    (void)msg;
    return verify(ocb, _IO_FLAG_WR, nonblock);
}

/* An empty file. */
int iofunc_read_default(resmgr_context_t *ctp, io_read_t *msg, iofunc_ocb_t *ocb)
{
    int error = iofunc_read_verify(ctp, msg, ocb, NULL);

    if (error == EOK)
        _IO_SET_READ_NBYTES(ctp, 0);
    return error;
}

/* One that takes everything, as /dev/null. */
int iofunc_write_default(resmgr_context_t *ctp, io_write_t *msg, iofunc_ocb_t *ocb)
{
    int error = iofunc_write_verify(ctp, msg, ocb, NULL);

    if (error == EOK)
        _IO_SET_WRITE_NBYTES(ctp, msg->i.nbytes);
    return error;
}

int iofunc_lseek(resmgr_context_t *ctp, io_lseek_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr)
{
    int64_t base = msg->i.whence == SEEK_SET   ? 0
                   : msg->i.whence == SEEK_CUR ? ocb->offset
                   : msg->i.whence == SEEK_END ? attr->nbytes
                                               : -1;
    int64_t offset;

    if (base < 0 || __builtin_add_overflow(base, msg->i.offset, &offset) || offset < 0)
        return EINVAL;
    if (offset > INT32_MAX)
        return EOVERFLOW;
    ocb->offset = (off_t)offset;
    msg->o = offset;
    return _RESMGR_PTR(ctp, &msg->o, sizeof msg->o);
}

int iofunc_lseek_default(resmgr_context_t *ctp, io_lseek_t *msg, iofunc_ocb_t *ocb)
{
    return iofunc_lseek(ctp, msg, ocb, ocb->attr);
}

/* ---- What a file is ---- */

int iofunc_time_update(iofunc_attr_t *attr)
{
    time_t now = time(NULL);

    if (attr->flags & IOFUNC_ATTR_ATIME)
        attr->atime = now;
    if (attr->flags & IOFUNC_ATTR_MTIME)
        attr->mtime = now;
    if (attr->flags & IOFUNC_ATTR_CTIME)
        attr->ctime = now;
    attr->flags &=
        ~(IOFUNC_ATTR_ATIME | IOFUNC_ATTR_MTIME | IOFUNC_ATTR_CTIME | IOFUNC_ATTR_DIRTY_TIME);
    return EOK;
}

int iofunc_stat(resmgr_context_t *ctp, iofunc_attr_t *attr, struct stat *status)
{
    (void)ctp;
    iofunc_time_update(attr);
    memset(status, 0, sizeof *status);
    status->st_ino = attr->inode;
    status->st_mode = attr->mode;
    status->st_nlink = attr->nlink;
    status->st_uid = attr->uid;
    status->st_gid = attr->gid;
    status->st_size = attr->nbytes;
    status->st_dev = attr->mount != NULL ? attr->mount->dev : 0;
    status->st_rdev = attr->rdev;
    status->st_mtime = attr->mtime;
    status->st_atime = attr->atime;
    status->st_ctime = attr->ctime;
    return EOK;
}

int iofunc_stat_default(resmgr_context_t *ctp, io_stat_t *msg, iofunc_ocb_t *ocb)
{
    iofunc_stat(ctp, ocb->attr, &msg->o);
    return _RESMGR_PTR(ctp, &msg->o, sizeof msg->o);
}

int iofunc_chmod(resmgr_context_t *ctp, io_chmod_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr)
{
    (void)ctp;
    (void)ocb;
    attr->mode = (attr->mode & ~(mode_t)07777) | (msg->i.mode & 07777);
    attr->flags |= IOFUNC_ATTR_CTIME;
    return EOK;
}

int iofunc_chmod_default(resmgr_context_t *ctp, io_chmod_t *msg, iofunc_ocb_t *ocb)
{
    return iofunc_chmod(ctp, msg, ocb, ocb->attr);
}

int iofunc_utime(resmgr_context_t *ctp, io_utime_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr)
{
    (void)ctp;
    (void)ocb;
    attr->atime = msg->i.cur_flag ? time(NULL) : msg->i.times.actime;
    attr->mtime = msg->i.cur_flag ? time(NULL) : msg->i.times.modtime;
    attr->flags &= ~(IOFUNC_ATTR_ATIME | IOFUNC_ATTR_MTIME);
    attr->flags |= IOFUNC_ATTR_CTIME;
    return EOK;
}

int iofunc_utime_default(resmgr_context_t *ctp, io_utime_t *msg, iofunc_ocb_t *ocb)
{
    return iofunc_utime(ctp, msg, ocb, ocb->attr);
}

int iofunc_sync_default(resmgr_context_t *ctp, io_sync_t *msg, iofunc_ocb_t *ocb)
{
    (void)ctp;
    (void)msg;
    (void)ocb;
    return EOK; /* nothing is ever behind */
}

/* ---- Orders ---- */

static int reply_word(resmgr_context_t *ctp, io_devctl_t *msg, const int *word)
{
    msg->o = (struct _io_devctl_reply){.nbytes = word != NULL ? (int32_t)sizeof *word : 0};
    if (word == NULL)
        return _RESMGR_PTR(ctp, &msg->o, sizeof msg->o);
    memcpy(_DEVCTL_DATA(msg->o), word, sizeof *word);
    return _RESMGR_PTR(ctp, &msg->o, sizeof msg->o + sizeof *word);
}

int iofunc_devctl(resmgr_context_t *ctp, io_devctl_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr)
{
    const uint32_t changeable = O_APPEND | O_NONBLOCK;
    int flags = (int)ocb->ioflag;

    (void)attr;
    if (msg->i.dcmd == DCMD_ALL_GETFLAGS)
        return reply_word(ctp, msg, &flags);
    if (msg->i.dcmd != DCMD_ALL_SETFLAGS)
        return _RESMGR_DEFAULT;
    if (ctp->size < sizeof msg->i + sizeof flags)
        return EINVAL;
    memcpy(&flags, _DEVCTL_DATA(msg->i), sizeof flags);
    ocb->ioflag = (ocb->ioflag & ~changeable) | ((uint32_t)flags & changeable);
    return reply_word(ctp, msg, NULL);
}

int iofunc_devctl_default(resmgr_context_t *ctp, io_devctl_t *msg, iofunc_ocb_t *ocb)
{
    int result = iofunc_devctl(ctp, msg, ocb, ocb->attr);
    return result == _RESMGR_DEFAULT ? ENOTTY : result;
}

/* Whoever waits is let go. */
int iofunc_unblock_default(resmgr_context_t *ctp, struct _pulse *msg, iofunc_ocb_t *ocb)
{
    (void)ctp;
    (void)msg;
    (void)ocb;
    return EINTR;
}
