/* SPDX-License-Identifier: MIT */
/*
 * Keep and reply: two workers of one space behind a port; they answer at once, keep their caller,
 * answer or drop a kept one that either of them kept, let a caller go without an answer, or block
 * in a call of their own to the other port's server. A kept caller's budget rests.
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

proctype client(byte me)
{
    byte calls;

    do
    :: d_step {
        current == me && calls < CALLS ->
        assert(calls == 0 || result[me] == R_EDEAD || result[me] == R_CANCELED ||
               (result[me] == R_OK && word[me] == me * 16 + calls));
        calls++;
        word[me] = me * 16 + calls;
        ipc_call(me, 0, NEVER, 0);
        check()
    }
    :: d_step {
        current == me && calls == CALLS ->
        assert(result[me] == R_EDEAD || result[me] == R_CANCELED ||
               (result[me] == R_OK && word[me] == me * 16 + calls));
        thread_destroy(me);
        sched_attend();
        check()
    };
    break
    od
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

inline drop_kept(c)
{
    d_step {
        current == me && reply_entry[c] ->
        reply_handle_drop(c);
        sched_attend();
        check()
    }
}

proctype worker(byte me)
{
    do
    :: d_step {
        current == me && caller[me] != NONE ->
        word[me] = word[caller[me]];
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    :: d_step {
        current == me && caller[me] != NONE ->
        ipc_reply_and_wait(me, NEVER, 1);
        check()
    }
    :: d_step {
        current == me && caller[me] != NONE ->
        ipc_keep(me, kept);
        check()
    }
    /* Waits without answering only when it holds no REPLY handle: else nobody might ever. */
    :: d_step {
        current == me && caller[me] == NONE && !reply_entry[2] && !reply_entry[3] ->
        ipc_reply_and_wait(me, NEVER, 0);
        check()
    }
    :: answer_kept(2)
    :: answer_kept(3)
    :: drop_kept(2)
    :: drop_kept(3)
    :: state[2] == DEAD && state[3] == DEAD -> break
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
            thread_init(0)
            thread_init(1)
            thread_init(2)
            thread_init(3)
            port_bind(0, 0);
            port_bind(0, 1);
            dispatch();
            check()
        };
        run worker(0);
        run worker(1);
        run client(2);
        run client(3);
        run clock()
    }
}
