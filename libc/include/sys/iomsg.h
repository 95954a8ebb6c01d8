/* SPDX-License-Identifier: MIT */
/*
 * Messages of input and output. A resource manager gets them for what clients do with its files:
 * docs/qnx.md says which of them come, and from what.
 */
#ifndef _SYS_IOMSG_H
#define _SYS_IOMSG_H

#include <stdint.h>
#include <sys/neutrino.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <utime.h>

/* ---- Types ---- */

#define _IO_BASE 0x100
#define _IO_MAX 0x1ff
enum {
    _IO_CONNECT = _IO_BASE,
    _IO_READ,
    _IO_WRITE,
    _IO_CLOSE,
    _IO_STAT,
    _IO_NOTIFY,
    _IO_DEVCTL,
    _IO_PATHCONF = _IO_BASE + 8,
    _IO_LSEEK,
    _IO_CHMOD,
    _IO_CHOWN,
    _IO_UTIME,
    _IO_SYNC = _IO_BASE + 18,
};

/* ---- Connecting ---- */

enum { _IO_CONNECT_OPEN = 1 };
#define _IO_FLAG_RD 0x1u
#define _IO_FLAG_WR 0x2u
#define _IO_FLAG_MASK 0x3u

struct _io_connect {
    uint16_t type, subtype; /* _IO_CONNECT, _IO_CONNECT_* */
    uint32_t file_type;
    uint16_t reply_max, entry_max;
    uint32_t key, handle;
    uint32_t ioflag; /* O_* with _IO_FLAG_RD and _IO_FLAG_WR in place of the access mode */
    uint32_t mode;
    uint16_t sflag, access, zero, path_len; /* path_len: with the zero byte */
    uint8_t eflag, extra_type;
    uint16_t extra_len;
    char path[1]; /* below the place that was attached; "" is that itself */
};
typedef union {
    struct _io_connect connect;
} io_open_t;

/* ---- Reading and writing ---- */

#define _IO_XTYPE_NONE 0u
#define _IO_XTYPE_OFFSET 2u
#define _IO_XTYPE_MASK 0xffu
struct _xtype_offset {
    uint64_t offset;
};

struct _io_read {
    uint16_t type, combine_len;
    int32_t nbytes;
    uint32_t xtype, zero;
};
typedef union {
    struct _io_read i;
} io_read_t;

struct _io_write {
    uint16_t type, combine_len;
    int32_t nbytes;
    uint32_t xtype, zero;
};
typedef union {
    struct _io_write i;
} io_write_t;

/* ---- The rest ---- */

struct _io_lseek {
    uint16_t type, combine_len;
    int16_t whence;
    uint16_t zero;
    int64_t offset;
};
typedef union {
    struct _io_lseek i;
    int64_t o;
} io_lseek_t;

struct _io_stat {
    uint16_t type, combine_len;
    uint32_t zero;
};
typedef union {
    struct _io_stat i;
    struct stat o;
} io_stat_t;

struct _io_chmod {
    uint16_t type, combine_len;
    mode_t mode;
};
typedef union {
    struct _io_chmod i;
} io_chmod_t;

struct _io_utime {
    uint16_t type, combine_len;
    int32_t cur_flag;
    struct utimbuf times;
};
typedef union {
    struct _io_utime i;
} io_utime_t;

struct _io_sync {
    uint16_t type, combine_len;
    uint32_t flag;
};
typedef union {
    struct _io_sync i;
} io_sync_t;

struct _io_devctl {
    uint16_t type, combine_len;
    int32_t dcmd, nbytes, zero;
};
struct _io_devctl_reply {
    uint32_t zero;
    int32_t ret_val, nbytes, zero2;
};
typedef union {
    struct _io_devctl i;
    struct _io_devctl_reply o;
} io_devctl_t;
/* What follows the fixed part. */
#define _DEVCTL_DATA(msg) ((void *)((char *)&(msg) + sizeof(msg)))

#define _NOTIFY_ACTION_POLL 0
#define _NOTIFY_ACTION_POLLARM 1
#define _NOTIFY_ACTION_TRANARM 2
#define _NOTIFY_COND_INPUT 0x10000000u
#define _NOTIFY_COND_OUTPUT 0x20000000u
#define _NOTIFY_COND_OBAND 0x40000000u
#define _NOTIFY_COND_MASK 0x70000000u
struct _io_notify {
    uint16_t type, combine_len;
    int32_t action;
    uint32_t flags;
    struct sigevent event;
};
struct _io_notify_reply {
    uint32_t zero, flags;
};
typedef union {
    struct _io_notify i;
    struct _io_notify_reply o;
} io_notify_t;

struct _io_close {
    uint16_t type, combine_len;
};
typedef union {
    struct _io_close i;
} io_close_t;

#endif
