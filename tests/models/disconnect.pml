/* SPDX-License-Identifier: MIT */
/*
 * DISCONNECT: two clients of one space share a portal's handle (and may copy it, call through it,
 * and close it at any moment, also while the other's call is queued); a server may hand it out
 * again. The event comes after all calls through the portal, once for each time the last client
 * goes, never while there is a client, and it is not lost. One more portal of the same port, which
 * may be revoked, shares the queue.
 */
#define THREADS 4
#define PORTS 1
#define PORTALS 2
#define PRIOS 1
#define EXIT_PORT 0
#ifndef CALLS
#define CALLS 2
#endif
#define on_event(p) \
    if \
    :: event_kind == E_DISCONNECT -> \
        assert(clients[event_badge] == 0 && len(via_list[event_badge]) == 0); \
        assert(due[event_badge]); \
        due[event_badge] = 0 \
    :: event_kind == E_EXIT -> gone++ \
    :: else \
    fi

bit due[2]; /* the last client has gone, and nobody has been told */
byte gone;

#include "kernel.pml"

byte copies = 1; /* how many more copies of handles are made */
hidden byte more;

inline close_handle(portal)
{
    d_step {
        current == me && clients[portal] > 0 ->
        printf("thread %d closes a handle of portal %d\n", me, portal);
        due[portal] = (clients[portal] == 1 && !dying[portal]);
        client_less(portal);
        sched_attend();
        check()
    }
}

inline copy_handle(portal)
{
    d_step {
        current == me && copies > 0 && !dying[portal] ->
        printf("thread %d makes a handle of portal %d\n", me, portal);
        copies--;
        client_more(portal);
        due[portal] = 0;
        sched_attend();
        check()
    }
}

inline client_call(portal)
{
    d_step {
        current == me && calls < CALLS && clients[portal] > 0 ->
        assert(calls == 0 || result[me] == R_OK || result[me] == R_EDEAD);
        calls++;
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
    :: close_handle(0)
    :: close_handle(1)
    :: copy_handle(0)
    :: d_step {
        current == me && (calls == CALLS || clients[0] + clients[1] == 0) ->
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
    od
}

/* Its own handle of the portal has CONTROL: no client. */
proctype server(byte me)
{
end:
    do
    :: d_step {
        current == me ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    :: copy_handle(0)
    od
}

proctype revoker()
{
    bit begun;

end:
    do
    :: d_step {
        !retargeted[1] ->
        due[1] = 0;
        portal_reap(1, more);
        if
        :: !more && disconnects[0] ?? [1] -> disconnects[0] ?? 1; port_update(0)
        :: else
        fi;
        if
        :: !more -> clients[1] = 0
        :: else
        fi;
        sched_attend();
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

/* In the end every event has been received. */
proctype monitor()
{
end:
    timeout;
    assert(!due[0] && !due[1] && gone == 2)
}

init
{
    atomic {
        if
        :: fast_path = 0
        :: fast_path = 1
        fi;
        d_step {
            port_init(0);
            clients[0] = 2;
            clients[1] = 1;
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
        run revoker();
        run clock();
        run monitor()
    }
}
