/* SPDX-License-Identifier: MIT */
/*
 * A resource manager: /dev/fortune is a file as any other, and what it says is made when it is
 * read. Each reading begins with the next saying; writing a number chooses it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/iofunc.h>
#include <sys/resmgr.h>
#include <sys/stat.h>

#include <iris/summary.h>

IRIS_SUMMARY("serve /dev/fortune: run it with &");

static const char *const sayings[] = {
    "Messages do not get lost, only their readers.\n",
    "A cache is a promise to forget at the right time.\n",
    "Whoever polls has not asked to be told.\n",
};
#define SAYINGS (sizeof sayings / sizeof sayings[0])

static unsigned next;
static iofunc_attr_t attr;

/* From the file's position on; the saying changes when one has been read to its end. */
static int fortune_read(resmgr_context_t *ctp, io_read_t *msg, RESMGR_OCB_T *ocb)
{
    int status = iofunc_read_verify(ctp, msg, ocb, NULL);
    const char *text = sayings[next];
    size_t length = strlen(text), at = (size_t)ocb->offset < length ? (size_t)ocb->offset : length;
    size_t count = length - at;

    if (status != EOK)
        return status;
    if ((msg->i.xtype & _IO_XTYPE_MASK) != _IO_XTYPE_NONE)
        return ENOSYS;
    if (count > (size_t)msg->i.nbytes)
        count = (size_t)msg->i.nbytes;
    if (count == 0 && msg->i.nbytes > 0)
        next = (next + 1) % SAYINGS;
    SETIOV(ctp->iov, text + at, count);
    _IO_SET_READ_NBYTES(ctp, count);
    ocb->offset += (off_t)count;
    return _RESMGR_NPARTS(count > 0 ? 1 : 0);
}

static int fortune_write(resmgr_context_t *ctp, io_write_t *msg, RESMGR_OCB_T *ocb)
{
    char number[12] = "";
    int status = iofunc_write_verify(ctp, msg, ocb, NULL);

    if (status != EOK)
        return status;
    if (msg->i.nbytes >= (int)sizeof number)
        return EINVAL;
    if (resmgr_msgread(ctp, number, (size_t)msg->i.nbytes, sizeof msg->i) < 0)
        return errno;
    unsigned long chosen = strtoul(number, NULL, 10);
    if (chosen >= SAYINGS)
        return EINVAL;
    next = (unsigned)chosen;
    _IO_SET_WRITE_NBYTES(ctp, msg->i.nbytes);
    return _RESMGR_NPARTS(0);
}

int main(void)
{
    static resmgr_connect_funcs_t connect_funcs;
    static resmgr_io_funcs_t io_funcs;
    resmgr_attr_t resmgr = {.nparts_max = 1, .msg_max_size = 2048};
    dispatch_t *dispatch = dispatch_create();

    iofunc_func_init(_RESMGR_CONNECT_NFUNCS, &connect_funcs, _RESMGR_IO_NFUNCS, &io_funcs);
    io_funcs.read = fortune_read;
    io_funcs.write = fortune_write;
    iofunc_attr_init(&attr, S_IFCHR | 0666, NULL, NULL);
    if (dispatch == NULL || resmgr_attach(dispatch, &resmgr, "/dev/fortune", _FTYPE_ANY, 0,
                                          &connect_funcs, &io_funcs, &attr) < 0) {
        perror("fortune");
        return 1;
    }
    puts("fortune: serving");
    dispatch_context_t *context = dispatch_context_alloc(dispatch);
    while (context != NULL && (context = dispatch_block(context)) != NULL)
        dispatch_handler(context);
    return 1;
}
