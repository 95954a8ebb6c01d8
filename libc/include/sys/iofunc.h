/* SPDX-License-Identifier: MIT */
/* What resource managers have in common with POSIX files: default functions, and their state. */
#ifndef _SYS_IOFUNC_H
#define _SYS_IOFUNC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/iomsg.h>
#include <sys/resmgr.h>
#include <sys/stat.h>

#ifndef IOFUNC_ATTR_T
#define IOFUNC_ATTR_T struct _iofunc_attr
#endif
#ifndef IOFUNC_OCB_T
#define IOFUNC_OCB_T struct _iofunc_ocb
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct _iofunc_funcs {
    unsigned nfuncs;
    IOFUNC_OCB_T *(*ocb_calloc)(resmgr_context_t *ctp, IOFUNC_ATTR_T *attr);
    void (*ocb_free)(IOFUNC_OCB_T *ocb);
};
typedef struct _iofunc_funcs iofunc_funcs_t;
#define _IOFUNC_NFUNCS 2

typedef struct _iofunc_mount {
    uint32_t flags, conf;
    dev_t dev;
    int32_t blocksize;
    iofunc_funcs_t *funcs;
} iofunc_mount_t;

#define IOFUNC_ATTR_ATIME 0x1u /* the time is to be set when somebody asks for it */
#define IOFUNC_ATTR_MTIME 0x2u
#define IOFUNC_ATTR_CTIME 0x4u
#define IOFUNC_ATTR_DIRTY_TIME 0x100u

/* One for each file. */
typedef struct _iofunc_attr {
    iofunc_mount_t *mount;
    uint32_t flags; /* IOFUNC_ATTR_* */
    uint32_t count, rcount, wcount;
    off_t nbytes;
    ino_t inode;
    uid_t uid;
    gid_t gid;
    time_t mtime, atime, ctime;
    mode_t mode;
    nlink_t nlink;
    dev_t rdev;
    struct { /* a recursive lock */
        uint32_t owner, depth, awaited;
    } lock;
} iofunc_attr_t;

/* One for each open file. */
typedef struct _iofunc_ocb {
    IOFUNC_ATTR_T *attr;
    uint32_t ioflag; /* of _io_connect */
    off_t offset;
    uint16_t sflag, flags;
    void *reserved;
} iofunc_ocb_t;

void iofunc_func_init(unsigned nconnect, resmgr_connect_funcs_t *connect, unsigned nio,
                      resmgr_io_funcs_t *io);
void iofunc_attr_init(iofunc_attr_t *attr, mode_t mode, iofunc_attr_t *parent, void *info);
int iofunc_attr_lock(iofunc_attr_t *attr);
int iofunc_attr_unlock(iofunc_attr_t *attr);
IOFUNC_OCB_T *iofunc_ocb_calloc(resmgr_context_t *ctp, IOFUNC_ATTR_T *attr);
void iofunc_ocb_free(IOFUNC_OCB_T *ocb);
int iofunc_ocb_attach(resmgr_context_t *ctp, io_open_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr,
                      const resmgr_io_funcs_t *io);
int iofunc_ocb_detach(resmgr_context_t *ctp, iofunc_ocb_t *ocb);

int iofunc_open(resmgr_context_t *ctp, io_open_t *msg, iofunc_attr_t *attr, iofunc_attr_t *dattr,
                void *info);
int iofunc_check_access(resmgr_context_t *ctp, const iofunc_attr_t *attr, mode_t check,
                        const struct _client_info *info);
int iofunc_read_verify(resmgr_context_t *ctp, io_read_t *msg, iofunc_ocb_t *ocb, int *nonblock);
int iofunc_write_verify(resmgr_context_t *ctp, io_write_t *msg, iofunc_ocb_t *ocb, int *nonblock);
int iofunc_stat(resmgr_context_t *ctp, iofunc_attr_t *attr, struct stat *status);
int iofunc_time_update(iofunc_attr_t *attr);
int iofunc_devctl(resmgr_context_t *ctp, io_devctl_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr);
int iofunc_lseek(resmgr_context_t *ctp, io_lseek_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr);
int iofunc_chmod(resmgr_context_t *ctp, io_chmod_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr);
int iofunc_utime(resmgr_context_t *ctp, io_utime_t *msg, iofunc_ocb_t *ocb, iofunc_attr_t *attr);

int iofunc_open_default(resmgr_context_t *ctp, io_open_t *msg, iofunc_attr_t *attr, void *extra);
int iofunc_read_default(resmgr_context_t *ctp, io_read_t *msg, iofunc_ocb_t *ocb);
int iofunc_write_default(resmgr_context_t *ctp, io_write_t *msg, iofunc_ocb_t *ocb);
int iofunc_close_ocb_default(resmgr_context_t *ctp, void *reserved, iofunc_ocb_t *ocb);
int iofunc_stat_default(resmgr_context_t *ctp, io_stat_t *msg, iofunc_ocb_t *ocb);
int iofunc_devctl_default(resmgr_context_t *ctp, io_devctl_t *msg, iofunc_ocb_t *ocb);
int iofunc_unblock_default(resmgr_context_t *ctp, struct _pulse *msg, iofunc_ocb_t *ocb);
int iofunc_lseek_default(resmgr_context_t *ctp, io_lseek_t *msg, iofunc_ocb_t *ocb);
int iofunc_chmod_default(resmgr_context_t *ctp, io_chmod_t *msg, iofunc_ocb_t *ocb);
int iofunc_utime_default(resmgr_context_t *ctp, io_utime_t *msg, iofunc_ocb_t *ocb);
int iofunc_sync_default(resmgr_context_t *ctp, io_sync_t *msg, iofunc_ocb_t *ocb);

/* ---- Who waits for a condition ---- */

#define IOFUNC_NOTIFY_INPUT 0
#define IOFUNC_NOTIFY_OUTPUT 1
#define IOFUNC_NOTIFY_OBAND 2

typedef struct _iofunc_notify {
    int cnt; /* condition holds when so much is there; INT_MAX: never armed */
    struct iofunc_notify_event *list;
} iofunc_notify_t;
#define IOFUNC_NOTIFY_INIT(notify, count)                                                          \
    do {                                                                                           \
        for (int i_ = 0; i_ < (count); i_++)                                                       \
            (notify)[i_] = (iofunc_notify_t){0, 0};                                                \
    } while (0)
#define IOFUNC_NOTIFY_INPUT_CHECK(notify, count, force)                                            \
    ((notify)[IOFUNC_NOTIFY_INPUT].list != 0 && ((force) || (count) > 0))
#define IOFUNC_NOTIFY_OUTPUT_CHECK(notify, count, force)                                           \
    ((notify)[IOFUNC_NOTIFY_OUTPUT].list != 0 && ((force) || (count) > 0))

int iofunc_notify(resmgr_context_t *ctp, io_notify_t *msg, iofunc_notify_t *notify, int trigger,
                  const int *counts, int *armed);
void iofunc_notify_trigger(iofunc_notify_t *notify, int count, int index);
void iofunc_notify_remove(resmgr_context_t *ctp, iofunc_notify_t *notify);

#ifdef __cplusplus
}
#endif
#endif
