/* SPDX-License-Identifier: MIT */
/*
 * Limbo: more budgets are parked at one thread than the kernel looks at in one go (a step is 1 here,
 * 8 there). The rest goes to limbo, and must be looked at soon, whatever runs meanwhile: a thread
 * may stay in user mode for ever, and the clock ticks only when it was armed. NEEDS FIX 1
 */
#define THREADS 5
#define PORTS 2
#define PORTALS 2
#define PRIOS 3
#define LIMBO_STEP 1
#define on_event(p) skip

#include "kernel.pml"

hidden byte kept;

proctype client(byte me)
{
    bit called;

    do
    :: d_step {
        current == me && !called ->
        called = 1;
        ipc_call(me, 0, NEVER, 0);
        check()
    }
    :: d_step {
        current == me && called ->
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
    od
}

/* At port 0: calls the one behind it for each request. */
proctype front(byte me)
{
    bit called;

end:
    do
    :: d_step {
        current == me && caller[me] != NONE && !called ->
        called = 1;
        ipc_call(me, 1, NEVER, 0);
        check()
    }
    :: d_step {
        current == me && (caller[me] == NONE || called) ->
        called = 0;
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    od
}

/* At port 1: keeps it, and answers after a notification. */
proctype back(byte me)
{
end:
    do
    :: d_step {
        current == me && caller[me] != NONE ->
        ipc_keep(me, kept);
        check()
    }
    :: d_step {
        current == me && reply_entry[0] ->
        ipc_reply_kept(me, 0);
        check()
    }
    :: d_step {
        current == me && caller[me] == NONE ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    od
}

/* Clients come whenever they like. */
inline start(t)
{
    d_step {
        state[t] == NEW ->
        printf("thread %d starts\n", t);
        thread_start(t);
        sched_attend();
        check()
    }
}

proctype clock()
{
end:
    do
    :: d_step { can_yield -> clock_tick() }
    :: start(2)
    :: start(3)
    :: start(4)
    :: d_step { timer_now -> printf("timer\n"); sched_attend(); check() }
    :: d_step {
        state[1] == WAITING && reply_entry[0] ->
        printf("notification\n");
        notify_portal(1, 1);
        sched_attend();
        check()
    }
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
        d_step {
            port_init(0);
            port_init(1);
            PORT(1) = 1;
            thread_init(0)
            thread_init(1)
            thread_new(2, 0);
            thread_new(3, 1);
            thread_new(4, 2);
            port_bind(0, 0);
            port_bind(1, 1);
            dispatch();
            check()
        };
        run front(0);
        run back(1);
        run client(2);
        run client(3);
        run client(4);
        run clock()
    }
}
