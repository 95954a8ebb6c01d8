/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/dispatch.h>
#include <sys/iofunc.h>
#include <sys/neutrino.h>
#include <sys/stat.h>

/* /dev/nothing: an empty file, by the default functions. Reading
   gives no byte. */
int main(void)
{
    static resmgr_connect_funcs_t connect;
    static resmgr_io_funcs_t io;
    static iofunc_attr_t attr;
    resmgr_attr_t limits = {.nparts_max = 1, .msg_max_size = 2048};
    dispatch_t *dispatch = dispatch_create();

    iofunc_func_init(_RESMGR_CONNECT_NFUNCS, &connect, _RESMGR_IO_NFUNCS,
                     &io);
    iofunc_attr_init(&attr, S_IFCHR | 0444, NULL, NULL);
    if (dispatch == NULL ||
        resmgr_attach(dispatch, &limits, "/dev/nothing", _FTYPE_ANY, 0,
                      &connect, &io, &attr) < 0)
        return 1;
    puts("serving /dev/nothing");
    dispatch_context_t *context = dispatch_context_alloc(dispatch);
    while ((context = dispatch_block(context)) != NULL)
        dispatch_handler(context);
    return 1;
}
