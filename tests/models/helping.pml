/* SPDX-License-Identifier: MIT */
/*
 * Helping: three priorities. Queued callers stay ready and run the busy server, along chains and
 * past kept callers and deadlines; where the chain is blocked their budgets are parked, and looked
 * at again when it may have changed. kernel.pml's check_budget says what "not forgotten" means.
 * Budgets also keep at each kernel entry: none that could run waits for one of lower priority.
 */
#define THREADS 4
#define PORTS 2
#define PORTALS 2
#define PRIOS 3
#define on_event(p) skip
#ifndef CALLS
#define CALLS 2
#endif

#include "kernel.pml"

hidden byte kept;

inline client_call(portal, limit)
{
    d_step {
        current == me && calls < CALLS ->
        calls++;
        ipc_call(me, portal, limit, 0);
        check()
    }
}

inline client_ends()
{
    d_step {
        current == me && calls == CALLS ->
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
}

/* Of high priority: calls the low server. */
proctype high(byte me)
{
    byte calls;

    do
    :: client_call(0, NEVER)
    :: client_call(0, LATER)
    :: client_ends()
    od
}

/* Of middle priority: calls either. */
proctype middle(byte me)
{
    byte calls;

    do
    :: client_call(0, NEVER)
    :: client_call(1, NEVER)
    :: client_ends()
    od
}

/* Of low priority, at port 0: calls the one behind it before it answers, or not. */
proctype front(byte me)
{
    bit called;

end:
    do
    :: d_step {
        current == me && !called ->
        called = 1;
        ipc_call(me, 1, NEVER, 0);
        check()
    }
    :: d_step {
        current == me ->
        called = 0;
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    od
}

inline answer_kept(c)
{
    d_step {
        current == me && reply_entry[c] ->
        ipc_reply_kept(me, c);
        check()
    }
}

/* At port 1: keeps callers while it waits for others, and answers them later, by a notification
   from nowhere at the latest. */
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
        current == me ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    :: answer_kept(0)
    :: answer_kept(2)
    :: answer_kept(3)
    od
}

proctype clock()
{
end:
    do
    :: d_step { can_yield -> clock_tick() }
    :: d_step { timed[3] -> clock_timeout(3) }
    :: d_step {
        state[1] == WAITING && (reply_entry[0] || reply_entry[2] || reply_entry[3]) ->
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
        prio[2] = 1;
        prio[3] = 2;
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
        run front(0);
        run back(1);
        run middle(2);
        run high(3);
        run clock()
    }
}
