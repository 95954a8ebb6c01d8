/* SPDX-License-Identifier: MIT */
/*
 * Deadlines and cancellation: calls, sends and waits without, with a passed and with a future
 * deadline, which passes at any moment: while waiting, queued, served or kept. ETIMEDOUT: never
 * received. ECANCELED: received, and the server goes on at home.
 */
#define THREADS 4
#define PORTS 1
#define PORTALS 1
#define PRIOS 2
#define on_event(p) skip
#ifndef CALLS
#define CALLS 2
#endif

#include "kernel.pml"

hidden byte kept;

inline client_call(limit, no_reply)
{
    d_step {
        current == me && calls < CALLS ->
        client_result();
        calls++;
        last = limit;
        sent = no_reply;
        word[me] = me * 16 + calls;
        ipc_call(me, 0, limit, no_reply);
        check()
    }
}

inline client_result()
{
    if
    :: calls == 0
    :: calls != 0 && result[me] == R_OK -> assert(!sent && word[me] == me * 16 + calls)
    :: calls != 0 && result[me] == R_DONE -> assert(sent)
    :: calls != 0 && result[me] == R_TIMEDOUT -> assert(last != NEVER && !received[me])
    :: calls != 0 && result[me] == R_CANCELED ->
        assert(received[me] && !sent && (last == LATER || canceled[me]))
    :: else -> assert(false)
    fi;
    canceled[me] = 0
}

bit canceled[THREADS]; /* by a server that let it go */

proctype client(byte me)
{
    byte calls, last;
    bit sent;

    do
    :: client_call(NEVER, 0)
    :: client_call(POLL, 0)
    :: client_call(LATER, 0)
    :: client_call(LATER, 1)
    :: d_step {
        current == me && calls == CALLS ->
        client_result();
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
    od
}

inline server_wait(limit, no_reply)
{
    d_step {
        current == me && !reply_entry[2] && !reply_entry[3] ->
        if
        :: caller[me] != NONE ->
            word[me] = word[caller[me]];
            canceled[caller[me]] = no_reply
        :: else
        fi;
        ipc_reply_and_wait(me, limit, no_reply);
        check()
    }
}

inline answer_kept(c)
{
    d_step {
        current == me && reply_entry[c] ->
        word[me] = word[c];
        ipc_reply_kept(me, c);
        check()
    }
}

proctype server(byte me)
{
end:
    do
    :: server_wait(NEVER, 0)
    :: server_wait(LATER, 0)
    :: server_wait(POLL, 0)
    :: server_wait(LATER, 1)
    :: d_step {
        current == me && caller[me] != NONE ->
        ipc_keep(me, kept);
        check()
    }
    :: answer_kept(2)
    :: answer_kept(3)
    od
}

inline deadline_passes(t)
{
    d_step { timed[t] -> clock_timeout(t) }
}

proctype clock()
{
end:
    do
    :: d_step { can_yield -> clock_tick() }
    :: deadline_passes(0)
    :: deadline_passes(1)
    :: deadline_passes(2)
    :: deadline_passes(3)
    od
}

init
{
    atomic {
        if
        :: fast_path = 0
        :: fast_path = 1
        fi;
        prio[1] = 1;
        prio[3] = 1;
        d_step {
            port_init(0);
            thread_init(0)
            thread_init(1)
            thread_init(2)
            thread_init(3)
            port_bind(0, 0);
            port_bind(0, 1);
            dispatch();
            check()
        };
        run server(0);
        run server(1);
        run client(2);
        run client(3);
        run clock()
    }
}
