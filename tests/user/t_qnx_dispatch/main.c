/* SPDX-License-Identifier: MIT */
/* Dispatching: which function gets which message or pulse. */
#include <pthread.h>

#include <iris/summary.h>

#include "t_qnx_dispatch.h"

IRIS_SUMMARY("test: QNX's dispatch, thread pools and iofunc attributes");

static dispatch_t *dpp;
static int seen_type, seen_code, seen_value, calls;
static void *seen_handle;

static int take_message(message_context_t *ctp, int type, unsigned flags, void *handle)
{
    (void)flags;
    seen_type = type;
    seen_handle = handle;
    calls++;
    return MsgReply(ctp->rcvid, 40 + type % 10, NULL, 0);
}

static int take_pulse(message_context_t *ctp, int code, unsigned flags, void *handle)
{
    (void)flags;
    seen_code = code;
    seen_value = ctp->msg->pulse.value.sival_int;
    seen_handle = handle;
    calls++;
    return 0;
}

/* The next `count` of what comes, while another thread sends. */
static int dispatch(int count)
{
    dispatch_context_t *ctp = dispatch_context_alloc(dpp);
    int handled = 0;

    for (; ctp != NULL && handled < count && dispatch_block(ctp) != NULL; handled++)
        dispatch_handler(ctp);
    dispatch_context_free(ctp);
    return handled;
}

static void *send_type(void *type)
{
    struct {
        uint16_t type;
        char rest[30];
    } message = {.type = (uint16_t)(uintptr_t)type};
    int coid = message_connect(dpp, 0);
    int status = MsgSend_r(coid, &message, sizeof message, NULL, 0);

    ConnectDetach(coid);
    return (void *)(intptr_t)status;
}

static int send(uint16_t type)
{
    pthread_t thread;
    void *status = (void *)-1;

    pthread_create(&thread, NULL, send_type, (void *)(uintptr_t)type);
    dispatch(1);
    pthread_join(thread, &status);
    return (int)(intptr_t)status;
}

static void check_messages(void)
{
    int handle;

    TEST_EQUAL(message_attach(dpp, NULL, 0x200, 0x20f, take_message, &handle), 0,
               "a function for a range of types");
    TEST_FAILS(message_attach(dpp, NULL, 0x20f, 0x210, take_message, NULL), EINVAL,
               "ranges do not overlap");
    TEST_FAILS(message_attach(dpp, NULL, 0x300, 0x2ff, take_message, NULL), EINVAL,
               "nor go backwards");
    TEST_FAILS(message_attach(dpp, NULL, 0x300, 0x10000, take_message, NULL), EINVAL,
               "nor beyond 16 bits");
    TEST_FAILS(message_attach(dpp, NULL, 0x300, 0x300, NULL, NULL), EINVAL, "nor have no function");
    TEST_EQUAL(send(0x203), 40 + 0x203 % 10, "a message within it");
    TEST_CHECK(seen_type == 0x203 && seen_handle == &handle, "reaches its function");
    TEST_EQUAL(send(0x20f), 40 + 0x20f % 10, "so does its last type");
    TEST_EQUAL(send(0x210), -ENOSYS, "what nobody wants is answered");
    TEST_EQUAL(message_attach(dpp, &(message_attr_t){.msg_max_size = 9000}, 0x210, 0x210,
                              take_message, NULL),
               0, "a second range, for longer messages");
    TEST_EQUAL(send(0x210), 40 + 0x210 % 10, "has a function then");
    TEST_FAILS(message_detach(dpp, 0x200, 0x20e, 0), EINVAL, "a range that is none");
    TEST_EQUAL(message_detach(dpp, 0x200, 0x20f, 0), 0, "detached");
    TEST_EQUAL(send(0x203), -ENOSYS, "it is nobody's");
}

static void check_pulses(void)
{
    int handle, coid = message_connect(dpp, 0);

    TEST_CHECK(coid > 0 && (coid & _NTO_SIDE_CHANNEL), "message_connect");
    TEST_EQUAL(pulse_attach(dpp, 0, 7, take_pulse, &handle), 7, "a function for a pulse's code");
    TEST_FAILS(pulse_attach(dpp, 0, 7, take_pulse, NULL), EINVAL, "a code has one function");
    TEST_FAILS(pulse_attach(dpp, 0, 200, take_pulse, NULL), EINVAL, "a code that is none");
    int code = pulse_attach(dpp, MSG_FLAG_ALLOC_PULSE, 0, take_pulse, NULL);
    TEST_CHECK(code > 0 && code != 7, "a code of the library's choice");
    MsgSendPulse(coid, 10, 7, 70);
    TEST_EQUAL(dispatch(1), 1, "a pulse is dispatched");
    TEST_CHECK(seen_code == 7 && seen_value == 70 && seen_handle == &handle, "to its function");
    MsgSendPulse(coid, 10, code, 80);
    dispatch(1);
    TEST_CHECK(seen_code == code && seen_value == 80, "each to its own");
    int before = calls;
    MsgSendPulse(coid, 10, 99, 0);
    TEST_EQUAL(dispatch(1), 1, "one that nobody wants");
    TEST_EQUAL(calls, before, "is dropped");
    TEST_EQUAL(pulse_detach(dpp, code, 0), 0, "detached");
    TEST_FAILS(pulse_detach(dpp, code, 0), EINVAL, "once");
    ConnectDetach(coid);
}

static void check_block(void)
{
    struct timespec little = {.tv_nsec = 2000000};
    dispatch_context_t *ctp = dispatch_context_alloc(dpp);

    dispatch_timeout(dpp, &little);
    while (dispatch_block(ctp) != NULL) /* who has disconnected */
        dispatch_handler(ctp);
    TEST_EQUAL(errno, ETIMEDOUT, "dispatch_timeout ends dispatch_block");
    dispatch_timeout(dpp, NULL);
    dispatch_unblock(ctp);
    TEST_CHECK(dispatch_block(ctp) == NULL && errno == EINTR, "dispatch_unblock too");
    dispatch_context_free(ctp);
}

static void check_places(void)
{
    static resmgr_connect_funcs_t connect;
    static resmgr_io_funcs_t io;
    static iofunc_attr_t attr;

    iofunc_func_init(_RESMGR_CONNECT_NFUNCS, &connect, _RESMGR_IO_NFUNCS, &io);
    iofunc_attr_init(&attr, S_IFCHR | 0666, NULL, NULL);
    TEST_FAILS(resmgr_attach(dpp, NULL, "/tmp/x", _FTYPE_ANY, 0, &connect, &io, &attr), EPERM,
               "a resource manager outside /dev");
    TEST_FAILS(resmgr_attach(dpp, NULL, "/dev/t_qnx", 5, 0, &connect, &io, &attr), ENOTSUP,
               "one of another file type");
    TEST_FAILS(resmgr_attach(dpp, NULL, "/dev/t_qnx", _FTYPE_ANY, 0x100, &connect, &io, &attr),
               ENOTSUP, "one with flags");
    int id = resmgr_attach(dpp, NULL, "/dev/t_qnx", _FTYPE_ANY, 0, &connect, &io, &attr);
    TEST_CHECK(id >= 0, "one in /dev");
    TEST_FAILS(resmgr_attach(dpp, NULL, "/dev/t_qnx", _FTYPE_ANY, 0, &connect, &io, &attr), EEXIST,
               "which exists once");
    TEST_EQUAL(resmgr_detach(dpp, id, 0), 0, "detached");
    TEST_CHECK(resmgr_detach(dpp, id, 0) == -1, "once");
    TEST_CHECK(name_attach(dpp, "t_qnx", NAME_FLAG_ATTACH_GLOBAL) == NULL && errno == ENOTSUP,
               "a name is not global");
    TEST_FAILS(name_open("t_qnx", NAME_FLAG_ATTACH_GLOBAL), ENOTSUP, "nor opened so");
}

int main(void)
{
    test_begin("qnx_dispatch");
    dpp = dispatch_create();
    if (TEST_CHECK(dpp != NULL, "a dispatch")) {
        check_messages();
        check_pulses();
        check_block();
        check_places();
        TEST_EQUAL(dispatch_destroy(dpp), 0, "its end");
    }
    check_pool();
    check_iofunc();
    check_select();
    return test_end();
}
