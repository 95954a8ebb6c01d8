/* SPDX-License-Identifier: MIT */
/*
 * Donation: a client's budget moves along a chain of servers that call one another as they like, up
 * to the depth limit, and comes back. Calls that would close a ring of single-threaded ports get
 * EDEADLK, so that without any deadline everybody ends.
 */
#define THREADS 4
#define PORTS 3
#define PORTALS 3
#define PRIOS 2
#ifndef DEPTH_MAX
#define DEPTH_MAX 2
#endif
#define on_event(p) skip
#ifndef CALLS
#define CALLS 2
#endif

#include "kernel.pml"

inline client_call(portal)
{
    d_step {
        current == me && calls < CALLS ->
        assert(calls == 0 || (result[me] == R_OK && word[me] == me * 16 + calls));
        calls++;
        word[me] = me * 16 + calls;
        ipc_call(me, portal, NEVER, 0);
        check()
    }
}

proctype client(byte me)
{
    byte calls;

    do
    :: client_call(0)
    :: client_call(1)
    :: client_call(2)
    :: d_step {
        current == me && calls == CALLS ->
        assert(result[me] == R_OK && word[me] == me * 16 + calls);
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
    od
}

/* At most one call for each request, and a first one of its own. */
inline server_call(portal)
{
    d_step {
        current == me && !called ->
        called = 1;
        request = word[me];
        ipc_call(me, portal, NEVER, 0);
        check()
    }
}

proctype server(byte me)
{
    bit called;
    byte request;

end:
    do
    :: server_call(0)
    :: server_call(1)
    :: server_call(2)
    :: d_step {
        current == me ->
        assert(!called || result[me] == R_DEADLK || result[me] == R_OVERFLOW ||
               (result[me] == R_OK && word[me] == request));
        assert(!called || result[me] != R_OVERFLOW || depth[me] == DEPTH_MAX);
        if
        :: called -> word[me] = request
        :: else
        fi;
        called = 0;
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

/* At the very end no server hangs in a call. */
proctype monitor()
{
end:
    timeout;
    assert(state[0] == WAITING && state[1] == WAITING && state[2] == WAITING && state[3] == DEAD)
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
            port_init(1);
            port_init(2);
            PORT(1) = 1;
            PORT(2) = 2;
            thread_init(0)
            thread_init(1)
            thread_init(2)
            thread_init(3)
            port_bind(0, 0);
            port_bind(1, 1);
            port_bind(2, 2);
            dispatch();
            check()
        };
        run server(0);
        run server(1);
        run server(2);
        run client(3);
        run clock();
        run monitor()
    }
}
