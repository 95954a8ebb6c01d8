/* SPDX-License-Identifier: MIT */
/*
 * Death: a client calls a middle server, that calls the server behind it, where a second client
 * queues; any of them is destroyed, any port loses its last receiver, at any moment. Who lives gets
 * the answer or EDEAD, and its budget back. NEEDS FIX 3
 */
#define THREADS 4
#define PORTS 2
#define PORTALS 2
#define PRIOS 2
#define on_event(p) skip
#ifndef KILLS
#define KILLS 2
#endif

#include "kernel.pml"

byte kills = KILLS;
hidden byte more, victim;

inline client_ends()
{
    thread_destroy(me);
    sched_attend();
    check()
}

proctype client(byte me, portal)
{
    byte calls;

    do
    :: d_step {
        current == me && calls < 2 ->
        assert(calls == 0 || result[me] == R_EDEAD ||
               (result[me] == R_OK && word[me] == me * 16 + calls));
        calls++;
        word[me] = me * 16 + calls;
        ipc_call(me, portal, NEVER, 0);
        check()
    }
    :: d_step { current == me && calls == 2 -> client_ends() }; break
    :: state[me] == DEAD -> break
    od
}

/* Serves port 1; may call portal 0 before it answers. */
proctype middle(byte me)
{
    bit called;
    byte request;

end:
    do
    :: d_step {
        current == me && !called && caller[me] != NONE ->
        called = 1;
        request = word[me];
        ipc_call(me, 0, NEVER, 0);
        check()
    }
    :: d_step {
        current == me && bound_to[me] != NONE ->
        assert(!called || result[me] == R_EDEAD || (result[me] == R_OK && word[me] == request));
        if
        :: called -> word[me] = request
        :: else
        fi;
        called = 0;
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    :: d_step { current == me && bound_to[me] == NONE -> client_ends() }; break
    :: state[me] == DEAD -> break
    od
}

proctype server(byte me)
{
end:
    do
    :: d_step {
        current == me && bound_to[me] != NONE ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    :: d_step { current == me && bound_to[me] == NONE -> client_ends() }; break
    :: state[me] == DEAD -> break
    od
}

inline kill(t)
{
    d_step {
        kills > 0 && state[t] != DEAD ->
        kills--;
        thread_destroy(t);
        sched_attend();
        check()
    }
}

proctype killer()
{
end:
    do
    :: kill(0)
    :: kill(1)
    :: kill(2)
    :: kill(3)
    :: kills == 0 -> break
    od
}

/* The last handle with the right to receive goes: at any moment, or with the last receiver.
   C: port.c port_reap */
proctype port_reap(byte p)
{
    bit begun;

end:
    do
    :: d_step {
        !begun && (kills > 0 || len(bound[p]) == 0) ->
        if
        :: len(bound[p]) > 0 -> kills--
        :: else
        fi;
        begun = 1
    }
    :: d_step {
        begun && !retargeted[p] ->
        portal_reap(p, more);
        sched_attend();
        check()
    }
    :: d_step {
        begun && retargeted[p] && len(bound[p]) > 0 ->
        bound[p] ? <victim>;
        bound_thread_release(victim);
        assert(caller[victim] == NONE); /* whom it served is told now, not when it ends */
        sched_attend();
        check()
    }
    :: begun && retargeted[p] && len(bound[p]) == 0 -> break
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
        prio[1] = 1;
        prio[2] = 1;
        d_step {
            port_init(0);
            port_init(1);
            PORT(1) = 1;
            thread_init(0)
            thread_init(1)
            thread_init(2)
            thread_init(3)
            port_bind(0, 0);
            port_bind(1, 1);
            dispatch();
            check()
        };
        run server(0);
        run middle(1);
        run client(2, 1);
        run client(3, 0);
        run killer();
        run port_reap(0);
        run port_reap(1);
        run clock()
    }
}
