/* SPDX-License-Identifier: MIT */
/*
 * A resource manager in the classic style: /dev/sample holds the last bytes that were written to
 * it. Reading when there are none waits; devctl tells how many there are; who polls is told.
 */
#include <devctl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/iofunc.h>
#include <sys/neutrino.h>
#include <sys/resmgr.h>

#include <iris/summary.h>

IRIS_SUMMARY("test: a resource manager in QNX's style: /dev/sample");

#define DCMD_SAMPLE_COUNT __DIOF(_DCMD_MISC, 1, sizeof(int))
#define DCMD_SAMPLE_CLEAR __DION(_DCMD_MISC, 2)
#define CAPACITY 5000

static resmgr_connect_funcs_t connect_funcs;
static resmgr_io_funcs_t io_funcs;
static iofunc_attr_t attr;
static iofunc_notify_t notify[3];
static char bytes[CAPACITY];
static int waiting[8]; /* rcvids of readers */
static size_t waiting_room[8];

static int give(resmgr_context_t *ctp, size_t room)
{
    size_t count = (size_t)attr.nbytes < room ? (size_t)attr.nbytes : room;

    SETIOV(ctp->iov, bytes, count);
    _IO_SET_READ_NBYTES(ctp, count);
    attr.flags |= IOFUNC_ATTR_ATIME | IOFUNC_ATTR_DIRTY_TIME;
    return _RESMGR_NPARTS(1);
}

static int sample_read(resmgr_context_t *ctp, io_read_t *msg, RESMGR_OCB_T *ocb)
{
    int nonblock, status = iofunc_read_verify(ctp, msg, ocb, &nonblock);

    if (status != EOK)
        return status;
    if ((msg->i.xtype & _IO_XTYPE_MASK) != _IO_XTYPE_NONE)
        return ENOSYS;
    if (ocb->offset > 0) { /* the second read of cat */
        ocb->offset = 0;
        _IO_SET_READ_NBYTES(ctp, 0);
        return _RESMGR_NPARTS(0);
    }
    if (attr.nbytes > 0) {
        ocb->offset = 1;
        return give(ctp, (size_t)msg->i.nbytes);
    }
    if (nonblock)
        return EAGAIN;
    for (unsigned i = 0; i < 8; i++)
        if (waiting[i] == 0) {
            waiting[i] = ctp->rcvid;
            waiting_room[i] = (size_t)msg->i.nbytes;
            return _RESMGR_NOREPLY;
        }
    return EBUSY;
}

static void serve_waiting(void)
{
    for (unsigned i = 0; i < 8; i++)
        if (waiting[i] != 0) {
            size_t count =
                (size_t)attr.nbytes < waiting_room[i] ? (size_t)attr.nbytes : waiting_room[i];
            MsgReply(waiting[i], (long)count, bytes, count);
            waiting[i] = 0;
        }
}

static int sample_write(resmgr_context_t *ctp, io_write_t *msg, RESMGR_OCB_T *ocb)
{
    int status = iofunc_write_verify(ctp, msg, ocb, NULL);

    if (status != EOK)
        return status;
    if (msg->i.nbytes > CAPACITY)
        return ENOSPC;
    if (resmgr_msgread(ctp, bytes, (size_t)msg->i.nbytes, sizeof msg->i) < 0)
        return errno;
    attr.nbytes = msg->i.nbytes;
    attr.flags |= IOFUNC_ATTR_MTIME | IOFUNC_ATTR_CTIME | IOFUNC_ATTR_DIRTY_TIME;
    _IO_SET_WRITE_NBYTES(ctp, msg->i.nbytes);
    serve_waiting();
    if (IOFUNC_NOTIFY_INPUT_CHECK(notify, (int)attr.nbytes, 0))
        iofunc_notify_trigger(notify, (int)attr.nbytes, IOFUNC_NOTIFY_INPUT);
    return _RESMGR_NPARTS(0);
}

static int sample_devctl(resmgr_context_t *ctp, io_devctl_t *msg, RESMGR_OCB_T *ocb)
{
    int status = iofunc_devctl_default(ctp, msg, ocb), count = (int)attr.nbytes;

    if (status != ENOTTY)
        return status;
    if (msg->i.dcmd == DCMD_SAMPLE_CLEAR) {
        attr.nbytes = 0;
        memset(&msg->o, 0, sizeof msg->o);
        return _RESMGR_PTR(ctp, &msg->o, sizeof msg->o);
    }
    if (msg->i.dcmd != DCMD_SAMPLE_COUNT)
        return ENOTTY;
    memset(&msg->o, 0, sizeof msg->o);
    msg->o.ret_val = 17;
    memcpy(_DEVCTL_DATA(msg->o), &count, sizeof count);
    return _RESMGR_PTR(ctp, &msg->o, sizeof msg->o + sizeof count);
}

static int sample_notify(resmgr_context_t *ctp, io_notify_t *msg, RESMGR_OCB_T *ocb)
{
    int trigger = _NOTIFY_COND_OUTPUT | (attr.nbytes > 0 ? _NOTIFY_COND_INPUT : 0);

    (void)ocb;
    return iofunc_notify(ctp, msg, notify, trigger, NULL, NULL);
}

static int sample_close(resmgr_context_t *ctp, void *reserved, RESMGR_OCB_T *ocb)
{
    iofunc_notify_remove(ctp, notify);
    return iofunc_close_ocb_default(ctp, reserved, ocb);
}

int main(int argc, char *argv[])
{
    resmgr_attr_t resmgr_attr = {.nparts_max = 1, .msg_max_size = 2048};
    dispatch_t *dpp = dispatch_create();
    const char *path = argc > 1 ? argv[1] : "/dev/sample";

    if (dpp == NULL)
        return EXIT_FAILURE;
    iofunc_func_init(_RESMGR_CONNECT_NFUNCS, &connect_funcs, _RESMGR_IO_NFUNCS, &io_funcs);
    io_funcs.read = sample_read;
    io_funcs.write = sample_write;
    io_funcs.devctl = sample_devctl;
    io_funcs.notify = sample_notify;
    io_funcs.close_ocb = sample_close;
    iofunc_attr_init(&attr, S_IFCHR | 0666, NULL, NULL);
    if (resmgr_attach(dpp, &resmgr_attr, path, _FTYPE_ANY, 0, &connect_funcs, &io_funcs, &attr) ==
        -1) {
        perror(path);
        return EXIT_FAILURE;
    }
    for (dispatch_context_t *ctp = dispatch_context_alloc(dpp);;) {
        dispatch_context_t *next = dispatch_block(ctp);
        if (next == NULL)
            return EXIT_FAILURE;
        ctp = next;
        dispatch_handler(ctp);
    }
}
