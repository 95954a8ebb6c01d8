/* SPDX-License-Identifier: MIT */
/*
 * Rendezvous: two servers behind one port, two clients that call, send and notify; the waiter the
 * fast path takes, the list of further ones, the queue of callers.
 *
 * RUN all:
 * RUN live: -DLIVE live
 */
#define THREADS 4
#define PORTS 1
#define PORTALS 1
#define PRIOS 2
#ifndef CALLS
#define CALLS 2
#endif
#define on_event(p) notified = notified & ~event_badge

byte notified;

#include "kernel.pml"

/* Without end, for the question whether everybody is served. */
#ifdef LIVE
#define NEXT(calls) 1
#define ANY 1
ltl served {
    ([] (state[2] == QUEUED || state[2] == CALLING -> <> (state[2] == READY))) &&
    ([] <> (current == 3))
}
#else
#define NEXT(calls) (calls + 1)
#define ANY PRIOS
#endif

#define TAG(t, n) ((t) * 16 + (n))

/* A client's request comes back as it was. */
proctype client(byte me)
{
    byte calls;
    bit sent;

    do
    :: d_step {
        current == me && calls < CALLS ->
        assert(calls == 0 || sent || (result[me] == R_OK && word[me] == TAG(me, calls)));
        calls = NEXT(calls);
        sent = 0;
        word[me] = TAG(me, calls);
        ipc_call(me, 0, NEVER, 0);
        check()
    }
    :: d_step {
        current == me && calls < CALLS ->
        assert(calls == 0 || sent || (result[me] == R_OK && word[me] == TAG(me, calls)));
        calls = NEXT(calls);
        sent = 1;
        word[me] = TAG(me, calls);
        ipc_call(me, 0, NEVER, 1);
        check()
    }
#ifdef LIVE
    :: d_step {
        current == me ->
        moved = 1;
        notify_portal(0, 1);
        sched_attend();
        check()
    }
#endif
    :: d_step {
        current == me && calls == CALLS ->
        assert((sent && result[me] == R_DONE) ||
               (!sent && result[me] == R_OK && word[me] == TAG(me, calls)));
        notified = notified | (1 << me);
        notify_portal(0, 1 << me);
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
    od
}

/* A server answers with what it got. Waiting is where it may stay for good. */
proctype server(byte me)
{
end:
    do
    :: d_step {
        current == me ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    od
}

proctype clock()
{
end:
    do
    :: d_step { can_yield -> clock_tick() }
    od
}

init
{
    atomic {
        if
        :: fast_path = 0
        :: fast_path = 1
        fi;
        any_prio(0, ANY);
        any_prio(1, ANY);
        any_prio(2, ANY);
        any_prio(3, ANY);
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
