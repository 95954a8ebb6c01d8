/* SPDX-License-Identifier: MIT */
/* Channels and connections: their numbers, flags and ends. */
#include <unistd.h>

#include "t_qnx.h"

static char in[8];

static void check_channels(void)
{
    TEST_FAILS(ChannelCreate(0x80000000), EINVAL, "a flag that does not exist");
    static const unsigned missing[] = {
        _NTO_CHF_THREAD_DEATH,   _NTO_CHF_NET_MSG, _NTO_CHF_PULSE_POOL,     _NTO_CHF_ASYNC,
        _NTO_CHF_ASYNC_NONBLOCK, _NTO_CHF_GLOBAL,  _NTO_CHF_INHERIT_RUNMASK};
    for (unsigned i = 0; i < sizeof missing / sizeof *missing; i++)
        TEST_FAILS(ChannelCreate(missing[i]), ENOTSUP, "flag %#x, which is not supported",
                   missing[i]);
    int chid = ChannelCreate(0), other = ChannelCreate(_NTO_CHF_PRIVATE);
    TEST_CHECK(chid > 0 && other > 0 && chid != other, "two channels");
    int coid = ConnectAttach(0, 0, chid, 0, 0);
    int side = ConnectAttach(ND_LOCAL_NODE, getpid(), other, _NTO_SIDE_CHANNEL, _NTO_COF_CLOEXEC);
    TEST_CHECK(coid > 0 && !(coid & _NTO_SIDE_CHANNEL), "a connection");
    TEST_CHECK(side > 0 && (side & _NTO_SIDE_CHANNEL), "one of the other kind");
    TEST_EQUAL(ConnectFlags(0, side, 0, 0), _NTO_COF_CLOEXEC, "its flags");
    TEST_FAILS(ConnectAttach(0, 0, 4000, 0, 0), ESRCH, "no such channel");
    TEST_FAILS(ConnectAttach(7, 0, chid, 0, 0), EINVAL, "no such node");
    TEST_FAILS(ConnectAttach(0, 4000, 1, 0, 0), ESRCH, "no such process");
    TEST_EQUAL(ConnectDetach(coid), 0, "detached");
    TEST_FAILS(ConnectDetach(coid), EINVAL, "only once");
    TEST_FAILS(MsgSend(coid, "", 1, NULL, 0), EBADF, "and of no use then");
    TEST_EQUAL(ChannelDestroy(other), 0, "a channel ends under its connection");
    TEST_FAILS(MsgSend(side, "", 1, NULL, 0), ESRCH, "who sends there learns it");
    TEST_FAILS(MsgSend(side, "", 1, NULL, 0), EBADF, "and knows it then");
    ConnectDetach(side);
    ChannelDestroy(chid);
    TEST_FAILS(ChannelDestroy(chid), EINVAL, "a channel ends once");
    TEST_FAILS(MsgReceive(chid, in, 8, NULL), ESRCH, "nothing is received there");
}

static void check_connections(void)
{
    struct _server_info info;
    struct _client_info client;
    int chid = ChannelCreate(0), other = ChannelCreate(0);
    int first = ConnectAttach(0, 0, chid, 100, 0), second = ConnectAttach(0, 0, chid, 100, 0);

    TEST_CHECK(first >= 100 && second > first, "the lowest free numbers from an index on");
    ConnectDetach(first);
    TEST_EQUAL(ConnectAttach(0, 0, other, 100, 0), first, "a number that is free is given again");
    TEST_EQUAL(ConnectServerInfo(0, second, &info), second, "ConnectServerInfo");
    TEST_CHECK(info.chid == chid && info.pid == getpid() && info.coid == second,
               "knows its server");
    int scoid = info.scoid;
    TEST_EQUAL(ConnectServerInfo(0, first, &info), first, "two channels");
    TEST_CHECK(info.chid == other && info.scoid != scoid, "have a client each");
    int third = ConnectAttach(0, 0, chid, 0, 0);
    ConnectServerInfo(0, third, &info);
    TEST_EQUAL(info.scoid, scoid, "two connections of a process to one channel are one client");
    TEST_FAILS(ConnectServerInfo(0, 4000, &info), EINVAL, "of no connection");
    TEST_FAILS(ConnectServerInfo(getppid(), first, &info), ENOTSUP, "of another process's");
    TEST_EQUAL(ConnectClientInfo(scoid, &client, 0), 0, "ConnectClientInfo");
    TEST_CHECK(client.pid == getpid() && client.cred.euid == 0, "knows the client");
    TEST_FAILS(ConnectClientInfo(12345, &client, 0), EINVAL, "not one who never came");
    TEST_EQUAL(ConnectFlags(0, third, _NTO_COF_CLOEXEC, _NTO_COF_CLOEXEC), 0, "flags before");
    TEST_EQUAL(ConnectFlags(0, third, 0, 0), _NTO_COF_CLOEXEC, "and after");
    TEST_FAILS(ConnectFlags(0, third, 0x80, 0x80), EINVAL, "a flag that is none");
    TEST_FAILS(ConnectFlags(getppid(), third, 0, 0), ENOTSUP, "flags of another process's");
    TEST_FAILS(ConnectFlags(0, 4000, 0, 0), EBADF, "flags of no connection");
    TEST_FAILS(ConnectAttach(0, 0, chid, 0, 0x100), EINVAL, "an attachment with such a flag");
    TEST_EQUAL(ConnectAttach_r(0, 0, 4000, 0, 0), -ESRCH, "the twin that spares errno");
    ConnectDetach(first);
    ConnectDetach(second);
    ConnectDetach(third);
    TEST_FAILS(ConnectClientInfo(scoid, &client, 0), EINVAL, "a client that has gone");
    ChannelDestroy(chid);
    int again = ChannelCreate(0);
    TEST_CHECK(again > 0 && again != other, "a channel after that");
    ChannelDestroy(again);
    ChannelDestroy(other);
}

void check_numbers_of_channels(void)
{
    check_channels();
    check_connections();
}
