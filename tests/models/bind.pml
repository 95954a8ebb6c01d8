/* SPDX-License-Identifier: MIT */
/*
 * Binding: one of a port's two servers leaves for another port and comes back, while callers are
 * queued and help it. Whoever helped it helps the other server from then on. NEEDS FIX 5
 */
#define THREADS 4
#define PORTS 2
#define PORTALS 1
#define PRIOS 2
#define on_event(p) skip

#include "kernel.pml"

proctype client(byte me)
{
    byte calls;

    do
    :: d_step {
        current == me && calls < 2 ->
        calls++;
        ipc_call(me, 0, NEVER, 0);
        check()
    }
    :: d_step {
        current == me && calls == 2 ->
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
    od
}

/* C: port.c sys_port_bind */
inline sys_port_bind(p)
{
    printf("thread %d binds to port %d\n", me, p);
    port_bind(p, me);
#if FIX_5 /* FIX 5 port.c sys_port_bind: cpu.attention |= CPU_DISPATCH */
    reschedule = 1;
#endif
    sched_attend();
    check()
}

proctype server(byte me; bit moves)
{
end:
    do
    :: d_step {
        current == me && (bound_to[me] == 0 || caller[me] != NONE) ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    :: d_step { current == me && moves && bound_to[me] == 0 -> sys_port_bind(1) }
    :: d_step { current == me && moves && bound_to[me] == 1 -> sys_port_bind(0) }
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
        any_prio(0, PRIOS);
        any_prio(1, PRIOS);
        any_prio(2, PRIOS);
        any_prio(3, PRIOS);
        d_step {
            port_init(0);
            port_init(1);
            thread_init(0);
            thread_init(1);
            thread_init(2);
            thread_init(3);
            port_bind(0, 0);
            port_bind(0, 1);
            dispatch();
            check()
        };
        run server(0, 1);
        run server(1, 0);
        run client(2);
        run client(3);
        run clock()
    }
}
