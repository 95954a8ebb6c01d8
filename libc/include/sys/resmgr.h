/* SPDX-License-Identifier: MIT */
/* Resource managers: processes that serve files. */
#ifndef _SYS_RESMGR_H
#define _SYS_RESMGR_H

#include <stdint.h>
#include <sys/iomsg.h>
#include <sys/neutrino.h>

#ifndef RESMGR_HANDLE_T
#define RESMGR_HANDLE_T struct _iofunc_attr
#endif
#ifndef RESMGR_OCB_T
#define RESMGR_OCB_T struct _iofunc_ocb
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct _iofunc_attr;
struct _iofunc_ocb;
typedef struct _dispatch dispatch_t;

/* What handlers are given. */
typedef union {
    uint16_t type;
    struct _pulse pulse;
    io_open_t connect;
    io_read_t read;
    io_write_t write;
    io_lseek_t lseek;
    io_stat_t stat;
    io_chmod_t chmod;
    io_utime_t utime;
    io_sync_t sync;
    io_devctl_t devctl;
    io_notify_t notify;
    io_close_t close;
} resmgr_iomsgs_t;

#define RESMGR_PARTS_MAX 8

typedef struct _resmgr_context {
    int rcvid;
    struct _msg_info info;
    resmgr_iomsgs_t *msg;
    dispatch_t *dpp;
    int id; /* of the place that was attached */
    unsigned msg_max_size;
    long status; /* of the reply */
    size_t offset;
    size_t size; /* bytes of msg that were received */
    iov_t iov[RESMGR_PARTS_MAX];
} resmgr_context_t;

typedef struct _resmgr_attr {
    unsigned flags;
    unsigned nparts_max, msg_max_size;
    int (*other_func)(resmgr_context_t *ctp, void *msg);
    unsigned reserved[4];
} resmgr_attr_t;

/* A handler returns an errno, EOK, or one of these. */
#define _RESMGR_DEFAULT (-1)
#define _RESMGR_NOREPLY (-2)
#define _RESMGR_NPARTS(n) (-100 - (int)(n))
#define _RESMGR_PTR(ctp, address, bytes) (SETIOV((ctp)->iov, (address), (bytes)), _RESMGR_NPARTS(1))
#define _RESMGR_STATUS(ctp, value) ((ctp)->status = (value))
#define _RESMGR_ERRNO(error) (error)
#define _IO_SET_READ_NBYTES(ctp, bytes) ((ctp)->status = (long)(bytes))
#define _IO_SET_WRITE_NBYTES(ctp, bytes) ((ctp)->status = (long)(bytes))
#define _RESMGR_FLAG_DIR 0x1u
#define _FTYPE_ANY 0

typedef struct _resmgr_connect_funcs {
    unsigned nfuncs;
    int (*open)(resmgr_context_t *ctp, io_open_t *msg, RESMGR_HANDLE_T *handle, void *extra);
} resmgr_connect_funcs_t;
#define _RESMGR_CONNECT_NFUNCS 1

typedef struct _resmgr_io_funcs {
    unsigned nfuncs;
    int (*read)(resmgr_context_t *ctp, io_read_t *msg, RESMGR_OCB_T *ocb);
    int (*write)(resmgr_context_t *ctp, io_write_t *msg, RESMGR_OCB_T *ocb);
    int (*close_ocb)(resmgr_context_t *ctp, void *reserved, RESMGR_OCB_T *ocb);
    int (*stat)(resmgr_context_t *ctp, io_stat_t *msg, RESMGR_OCB_T *ocb);
    int (*notify)(resmgr_context_t *ctp, io_notify_t *msg, RESMGR_OCB_T *ocb);
    int (*devctl)(resmgr_context_t *ctp, io_devctl_t *msg, RESMGR_OCB_T *ocb);
    int (*unblock)(resmgr_context_t *ctp, struct _pulse *msg, RESMGR_OCB_T *ocb);
    int (*lseek)(resmgr_context_t *ctp, io_lseek_t *msg, RESMGR_OCB_T *ocb);
    int (*chmod)(resmgr_context_t *ctp, io_chmod_t *msg, RESMGR_OCB_T *ocb);
    int (*utime)(resmgr_context_t *ctp, io_utime_t *msg, RESMGR_OCB_T *ocb);
    int (*sync)(resmgr_context_t *ctp, io_sync_t *msg, RESMGR_OCB_T *ocb);
} resmgr_io_funcs_t;
#define _RESMGR_IO_NFUNCS 11

/* `path` must lie below /dev/. The place's id, or -1. */
int resmgr_attach(dispatch_t *dpp, resmgr_attr_t *attr, const char *path, int file_type,
                  unsigned flags, const resmgr_connect_funcs_t *connect_funcs,
                  const resmgr_io_funcs_t *io_funcs, RESMGR_HANDLE_T *handle);
int resmgr_detach(dispatch_t *dpp, int id, unsigned flags);
/* For an open function: what the connection that is being opened will stand for. */
int resmgr_open_bind(resmgr_context_t *ctp, void *ocb, const resmgr_io_funcs_t *io_funcs);
ssize_t resmgr_msgread(resmgr_context_t *ctp, void *msg, size_t bytes, size_t offset);
ssize_t resmgr_msgreadv(resmgr_context_t *ctp, const iov_t *iov, int parts, size_t offset);
ssize_t resmgr_msgwrite(resmgr_context_t *ctp, const void *msg, size_t bytes, size_t offset);
ssize_t resmgr_msgwritev(resmgr_context_t *ctp, const iov_t *iov, int parts, size_t offset);
int resmgr_msgreply(resmgr_context_t *ctp, const void *msg, size_t bytes);
int resmgr_msgreplyv(resmgr_context_t *ctp, const iov_t *iov, int parts);

#ifdef __cplusplus
}
#endif
#endif
