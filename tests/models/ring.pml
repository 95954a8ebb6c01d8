/* SPDX-License-Identifier: MIT */
/*
 * Rings: port 0 is served by two threads, so a ring of calls through it is not recognised as a
 * deadlock when it is closed; a deadline breaks it. Budgets whose walk came into such a ring need
 * not help afterwards, but must be found again when their own chains go on. NEEDS FIX 2
 */
#define THREADS 3
#define PORTS 2
#define PORTALS 2
#define PRIOS 3
#define on_event(p) skip
#define FAR
#ifndef CALLS
#define CALLS 2
#endif

#include "kernel.pml"

inline member_call(portal)
{
    d_step {
        current == me && calls < CALLS ->
        calls++;
        ipc_call(me, portal, LATER, 0);
        check()
    }
}

inline member_wait()
{
    d_step {
        current == me ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
}

proctype member(byte me, other)
{
    byte calls;

end:
    do
    :: member_call(other)
    :: member_wait()
    od
}

/* The second server of port 0 is also its client, without a deadline, and must come to its end. */
proctype client(byte me)
{
    d_step {
        current == me ->
        ipc_call(me, 0, NEVER, 0);
        check()
    };
    d_step {
        current == me ->
        thread_destroy(me);
        sched_attend();
        check()
    }
}

proctype clock()
{
end:
    do
    :: d_step { can_yield -> clock_tick() }
    :: d_step { timed[0] -> clock_timeout(0) }
    :: d_step { timed[1] -> clock_timeout(1) }
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
        prio[2] = 2;
        d_step {
            port_init(0);
            port_init(1);
            PORT(1) = 1;
            thread_init(0)
            thread_init(1)
            thread_init(2)
            port_bind(0, 0);
            port_bind(0, 2);
            port_bind(1, 1);
            dispatch();
            check()
        };
        run member(0, 1);
        run member(1, 0);
        run client(2);
        run clock()
    }
}
