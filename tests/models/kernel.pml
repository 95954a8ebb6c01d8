/* SPDX-License-Identifier: MIT */
/*
 * The kernel's IPC and its dispatcher, in Promela. Every model of this folder includes this file.
 *
 * A kernel entry is one d_step: interrupts are off from entry to exit, and no kernel frame outlives
 * the entry. So an inline below is the C function it names, statement by statement, and a whole
 * system is: threads that enter the kernel while they are `current`, and a clock, killers and the
 * like that enter it at any moment.
 *
 * "C:", a file and a name say which C function (or NASM macro) an inline models; tools/models.py
 * checks that it is still there. "FIX" marks what a correct kernel has, and the model has only if
 * tools/models.py finds that text in the kernel's function. "MUTANT" marks a bug that can be built
 * in, and in which model spin must find it. The forms are in tools/models.py.
 *
 * What a model defines before including this file:
 *   THREADS, PORTS, PORTALS   how many
 *   PRIOS                     priorities 0 .. PRIOS-1, at most 3
 * and may define:
 *   DEPTH_MAX, HOPS_MAX, LIMBO_STEP   as in thread.h and sched.c
 *   EXIT_PORT                         where exit events go
 *   FAR                               chains may be longer than HOPS_MAX, or a ring: a parked budget may
 *                                     miss a chance to help, but never to run its own chain
 *   LIVE                              each thread moves before its quantum ends
 */
#ifndef MUTANT
#define MUTANT 0
#endif
#ifndef DEPTH_MAX
#define DEPTH_MAX 3
#endif
#ifndef HOPS_MAX
#define HOPS_MAX 8
#endif
#ifndef LIMBO_STEP
#define LIMBO_STEP 8
#endif
#ifndef FIX_1
#define FIX_1 0
#endif
#ifndef FIX_2
#define FIX_2 0
#endif
#ifndef FIX_3
#define FIX_3 0
#endif
#ifndef FIX_5
#define FIX_5 0
#endif

#define NONE 15
#define IDLE 14 /* `current` when the idle thread runs */

/* enum iris_thread_state */
#define NEW 0
#define READY 1
#define WAITING 2
#define QUEUED 3
#define CALLING 4
#define KEPT 5
#define DEAD 6

/* enum budget_place */
#define B_IDLE 0
#define B_READY 1
#define B_PARKED 2

/* What a call or wait ends with. */
#define R_OK 0   /* the reply */
#define R_DONE 1 /* a send was received; a REPLY handle was used */
#define R_CALL 2 /* a caller's message */
#define R_EVENT 3
#define R_ERROR 4 /* this and above */
#define R_EDEAD 4
#define R_TIMEDOUT 5
#define R_CANCELED 6
#define R_DEADLK 7
#define R_OVERFLOW 8
#define R_INVAL 9

/* Deadlines. */
#define NEVER 0
#define POLL 1
#define LATER 2 /* passes at a moment of the clock's choice */

/* Events. */
#define E_NOTIFY 1
#define E_DISCONNECT 2
#define E_EXIT 3

/* struct thread */
byte state[THREADS];
byte caller[THREADS], partner[THREADS];
byte bound_to[THREADS]; /* hot.port; NONE: dead_port */
byte depth[THREADS];
bit slow[THREADS], helped[THREADS]; /* hot.flags */
bit timed[THREADS], sending[THREADS];
byte via[THREADS];
bit reply_entry[THREADS]; /* a REPLY handle names this thread */
chan parked[THREADS] = [THREADS] of { byte };
byte word[THREADS]; /* the message in its registers */
byte result[THREADS];

/* Its home budget: same index */
byte prio[THREADS];
byte place[THREADS];
byte parked_at[THREADS]; /* whose list; NONE: sched's limbo */
byte queue_prio[THREADS];

/* sched.c, struct cpu */
chan ready[PRIOS] = [THREADS] of { byte };
chan limbo = [THREADS] of { byte };
byte cpu_budget = NONE, current = IDLE;
bit reschedule;
bit timer_now; /* it fires at once */
bit fast_path; /* the command line's choice */

/* struct port */
byte waiter[PORTS];
bit busy[PORTS];
chan waiters[PORTS] = [THREADS] of { byte };
chan callers[PORTS * PRIOS] = [THREADS] of { byte };
chan bound[PORTS] = [THREADS] of { byte };
chan disconnects[PORTS] = [PORTALS] of { byte };
chan exits[PORTS] = [THREADS] of { byte };
byte pending[PORTS];
bit event_was_last[PORTS];
bit port_dead[PORTS];

/* struct portal */
byte portal_port[PORTALS];
byte clients[PORTALS];
bit orphaned[PORTALS], dying[PORTALS], retargeted[PORTALS];
chan via_list[PORTALS] = [THREADS] of { byte };

/* Ghosts: what the properties speak about. */
bit in_ipc[THREADS];   /* it has entered IPC and has no result yet */
bit received[THREADS]; /* its present call was received */
byte event_kind, event_badge;
bit moved = 1; /* LIVE: somebody entered the kernel since the last tick */

/* Registers of the inlines: no state. */
hidden byte sr_p, up_i, up_b, li_b, hb_t, nh_p, uc_i, uc_t, uc_n, re_i, re_t, re_n, re_q;
hidden byte rf_i, di_b, di_t, di_h, cf_i, pw_t, dl_i, dl_t, dl_p, dl_r, en_b, ca_s, ca_d, rc_c;
hidden byte rv_c, rv_d, np_t, lv_s, fa_b, de_c, rw_c, uk_b, br_c, fc_s, fr_c, fr_ok;
hidden byte k_t, k_b, k_r, k_i, k_n, k_p, k_s;

#define PORT(portal) portal_port[portal]
#define has_event(p) (pending[p] != 0 || len(disconnects[p]) > 0 || len(exits[p]) > 0)
#if PRIOS == 1
#define has_caller(p) (len(callers[p]) > 0)
#elif PRIOS == 2
#define has_caller(p) (len(callers[(p) * 2]) + len(callers[(p) * 2 + 1]) > 0)
#else
#define has_caller(p) \
    (len(callers[(p) * 3]) + len(callers[(p) * 3 + 1]) + len(callers[(p) * 3 + 2]) > 0)
#endif

/* ---- Results ---- */

/* C: ipc.c result */
inline give(t, r)
{
    assert(in_ipc[t]); /* exactly one result for each operation */
    in_ipc[t] = 0;
    result[t] = r
}

/* ---- Ready queues ---- */

/* C: sched.c leave_queue
   C: kernel.h list_remove */
inline leave_queue(b)
{
    if
    :: place[b] == B_READY -> ready[prio[b]] ?? eval(b)
    :: place[b] == B_PARKED && parked_at[b] == NONE -> limbo ?? eval(b)
    :: place[b] == B_PARKED && parked_at[b] != NONE -> parked[parked_at[b]] ?? eval(b)
    :: else
    fi;
    parked_at[b] = NONE;
    place[b] = B_IDLE
}

/* C: sched.c sched_ready */
inline sched_ready(b)
{
    if
    :: place[b] == B_READY
    :: else ->
        leave_queue(b);
        place[b] = B_READY;
        ready[prio[b]] ! b;
        if
        :: cpu_budget == NONE -> reschedule = 1
        :: cpu_budget != NONE && prio[b] > prio[cpu_budget] -> reschedule = 1
        :: else
        fi
    fi
}

/* C: sched.c sched_retire */
inline sched_retire(b)
{
    leave_queue(b);
    if
    :: cpu_budget == b -> cpu_budget = NONE; reschedule = 1
    :: else
    fi
}

/* C: sched.c park */
inline park(b, at)
{
    leave_queue(b);
    place[b] = B_PARKED;
    parked_at[b] = at;
    parked[at] ! b
}

/* C: kernel.h list_splice */
inline splice_limbo(t)
{
    do
    :: len(parked[t]) > 0 ->
        parked[t] ? up_b;
#if MUTANT == 31 /* MUTANT 31 limbo: sched_unpark forgets what is beyond its step */
        parked[t] ! up_b; break;
#endif
        parked_at[up_b] = NONE;
        limbo ! up_b
    :: else -> break
    od
}

/* C: sched.c sched_unpark */
inline sched_unpark(t)
{
    up_i = 0;
    do
    :: up_i < LIMBO_STEP && len(parked[t]) > 0 ->
        parked[t] ? <up_b>;
        sched_ready(up_b);
        up_i++
    :: else -> break
    od;
    if
    :: up_i == LIMBO_STEP ->
        splice_limbo(t);
        reschedule = 1
    :: else
    fi
}

/* C: sched.c chores */
inline limbo_step()
{
    up_i = 0;
    do
    :: up_i < LIMBO_STEP && len(limbo) > 0 ->
        limbo ? <li_b>;
        sched_ready(li_b);
        up_i++
    :: else -> break
    od
}

/* C: sched.c sched_home */
inline sched_home(t)
{
    caller[t] = NONE;
    depth[t] = 0;
    slow[t] = 0;
    helped[t] = 0;
#if MUTANT != 1 /* MUTANT 1 rendezvous: a server without a caller does not get its home budget */
    sched_ready(t);
#endif
#if MUTANT != 2 /* MUTANT 2 keep: a server that keeps its caller runs on, on the caller's budget */
    reschedule = 1
#endif
}

/* ---- Chains ---- */

/* C: sched.c sched_base */
inline sched_base(t, out)
{
    out = t;
    do
    :: caller[out] != NONE -> out = caller[out]
    :: else -> break
    od
}

/* C: sched.c next_hop
   C: sched.c busy_server */
inline next_hop(t, out)
{
    if
    :: state[t] == CALLING -> out = partner[t]
    :: state[t] == QUEUED ->
        nh_p = PORT(via[t]);
        if
        :: len(bound[nh_p]) > 0 -> bound[nh_p] ? <out>
        :: else -> out = NONE
        fi
    :: else -> out = NONE
    fi
}

/* C: sched.c sched_unpark_chain */
inline sched_unpark_chain(t)
{
    uc_i = 0;
    uc_t = t;
    do
    :: uc_i < HOPS_MAX ->
        next_hop(uc_t, uc_n);
        if
        :: uc_n == NONE -> break
        :: else
        fi;
        uc_t = uc_n;
        uc_i++
    :: else -> break
    od;
    sched_unpark(uc_t);
    reschedule = 1
}

/* C: sched.c resolve */
inline resolve(b, out, is_helped)
{
    is_helped = 0;
    out = NONE;
    re_t = b;
    if
#if MUTANT != 3 /* MUTANT 3 donation: a server runs on its home budget while it has a caller */
    :: caller[b] != NONE /* it runs on its caller's budget */
#endif
    :: else ->
        re_i = 0;
        do
        :: re_i < HOPS_MAX ->
            if
            :: state[re_t] == READY -> out = re_t; break
            :: else
            fi;
            next_hop(re_t, re_n);
            if
            :: re_n == NONE -> break
            :: else
            fi;
            if
            :: state[re_t] == QUEUED ->
#if MUTANT == 4 /* MUTANT 4 helping: queued callers do not help */
                break;
#endif
                re_q = (is_helped -> re_q : re_t);
                is_helped = 1
            :: else
            fi;
            re_t = re_n;
            re_i++
        :: else ->
            /* Too far, or in a circle: where its own chain ends. */
#if FIX_2 /* FIX 2 sched.c resolve: park(budget, queued) */
            re_t = re_q;
#endif
            break
        od
    fi;
    if
    :: out == NONE -> park(b, re_t)
    :: else
    fi
}

/* C: sched.c ready_first */
inline ready_first(out)
{
    rf_i = PRIOS;
    out = NONE;
    do
    :: rf_i > 0 && out == NONE ->
        rf_i--;
        if
        :: len(ready[rf_i]) > 0 -> ready[rf_i] ? <out>
        :: else
        fi
    :: else -> break
    od
}

/* Budgets in limbo are looked at soon only if the timer fires soon.
   FIX 1 sched.c timer_update: cpu.attention & CPU_CHORES
   C: sched.c timer_update */
inline timer_update()
{
#if FIX_1
    timer_now = (len(limbo) > 0);
    reschedule = reschedule || timer_now
#else
    skip
#endif
}

/* C: sched.c dispatch
   C: sched.c sched_switch */
inline dispatch()
{
    limbo_step();
    reschedule = 0;
    do
    :: true ->
        ready_first(di_b);
        if
        :: di_b == NONE ->
            cpu_budget = NONE;
            reschedule = 1; /* whoever ends the idling looks for work */
            current = IDLE;
            timer_update();
            break
        :: else ->
            resolve(di_b, di_t, di_h);
            if
            :: di_t != NONE ->
#if MUTANT != 5 /* MUTANT 5 helping: the thread that is helped does not know it */
                helped[di_t] = di_h;
#endif
                cpu_budget = di_b;
                current = di_t;
                timer_update();
                break
            :: else
            fi
        fi
    od
}

/* C: sched.c sched_attend */
inline sched_attend()
{
    if
    :: reschedule -> dispatch()
    :: else
    fi
}

/* C: sched.c sched_yield
   C: sched.c sched_tick */
inline sched_yield()
{
    if
    :: place[cpu_budget] == B_READY ->
#if MUTANT == 32 /* MUTANT 32 rendezvous live: a quantum ends, but nobody else's begins */
        skip
#else
        leave_queue(cpu_budget);
        place[cpu_budget] = B_READY;
        ready[prio[cpu_budget]] ! cpu_budget
#endif
    :: else
    fi;
    reschedule = 1
}

/* ---- Ports: who waits ---- */

/* C: port.c port_update
   C: port.c port_has_event */
inline port_update(p)
{
    busy[p] = (has_caller(p) || has_event(p)) /* C: port->waiter == PORT_BUSY */
}

/* Not modelled: a port that nobody is bound to; its callers are parked and help nobody until they
   are received.
   C: port.c port_bind */
inline port_bind(p, t)
{
    if
    :: bound_to[t] != NONE -> bound[bound_to[t]] ?? eval(t)
    :: else
    fi;
    bound_to[t] = p;
    if
    :: p != NONE -> bound[p] ! t
    :: else
    fi
}

/* C: port.c port_put_waiter */
inline port_put_waiter(p, t)
{
    if
#if MUTANT != 6 /* MUTANT 6 deadline: a waiter with a deadline is left to the fast path */
    :: waiter[p] == NONE && !timed[t] && !slow[t] && !helped[t] -> waiter[p] = t
#else
    :: waiter[p] == NONE && !slow[t] && !helped[t] -> waiter[p] = t
#endif
    :: else ->
        waiters[p] ! t;
        port_update(p)
    fi
}

/* C: port.c port_take_waiter */
inline port_take_waiter(p, out)
{
    out = waiter[p];
    if
    :: out != NONE -> waiter[p] = NONE
    :: out == NONE && len(waiters[p]) > 0 ->
        waiters[p] ? out;
        port_update(p)
    :: else
    fi
}

/* C: port.c port_remove_waiter */
inline port_remove_waiter(t)
{
    pw_t = bound_to[t];
    if
    :: waiter[pw_t] == t -> waiter[pw_t] = NONE
    :: else ->
        waiters[pw_t] ?? eval(t);
        port_update(pw_t)
    fi
}

/* C: waitq.c waitq_insert: its first */
inline callers_first(p, out)
{
    cf_i = PRIOS;
    out = NONE;
    do
    :: cf_i > 0 && out == NONE ->
        cf_i--;
        if
        :: len(callers[p * PRIOS + cf_i]) > 0 -> callers[p * PRIOS + cf_i] ? <out>
        :: else
        fi
    :: else -> break
    od
}

/* ---- Events ---- */

/* C: port.c port_take_event */
inline port_take_event(p)
{
    if
    :: pending[p] -> event_kind = E_NOTIFY; event_badge = pending[p]; pending[p] = 0
    :: !pending[p] && len(disconnects[p]) > 0 ->
        disconnects[p] ? event_badge;
        event_kind = E_DISCONNECT
    :: else ->
        exits[p] ? event_badge;
        event_kind = E_EXIT
    fi;
    port_update(p);
    on_event(p) /* the model's own */
}

/* C: ipc.c receive_event */
inline receive_event(s)
{
    port_take_event(bound_to[s]);
    give(s, R_EVENT);
    word[s] = event_badge;
    event_was_last[bound_to[s]] = has_caller(bound_to[s]);
    state[s] = READY;
    sched_home(s)
}

/* C: notify.c notify_port
   C: ipc.c ipc_receive_event */
inline notify_port(p)
{
    if
    :: has_event(p) ->
#if MUTANT != 7 /* MUTANT 7 rendezvous: a notification does not wake whoever waits */
        port_take_waiter(p, np_t);
        if
        :: np_t != NONE ->
            timed[np_t] = 0;
            receive_event(np_t)
        :: else
        fi
#endif
    :: else
    fi
}

/* C: notify.c notify_portal */
inline notify_portal(p, bits)
{
    pending[p] = pending[p] | bits;
    port_update(p);
    notify_port(p)
}

/* ---- Portals ---- */

/* C: portal.c portal_caller_gone */
inline portal_caller_gone(pt)
{
    if
    :: !orphaned[pt] || dying[pt]
#if MUTANT != 8 /* MUTANT 8 disconnect: DISCONNECT overtakes queued calls */
    :: len(via_list[pt]) > 0
#endif
    :: else ->
        orphaned[pt] = 0;
        disconnects[PORT(pt)] ! pt;
        port_update(PORT(pt));
#if MUTANT != 25 /* MUTANT 25 disconnect: DISCONNECT does not wake whoever waits */
        notify_port(PORT(pt))
#endif
    fi
}

/* C: portal.c portal_client_gone */
inline portal_client_gone(pt)
{
    orphaned[pt] = 1;
    portal_caller_gone(pt)
}

/* C: portal.c portal_client_added */
inline portal_client_added(pt)
{
#if MUTANT != 9 /* MUTANT 9 disconnect: a new client does not call off DISCONNECT */
    orphaned[pt] = 0;
#endif
    if
    :: disconnects[PORT(pt)] ?? [eval(pt)] ->
        disconnects[PORT(pt)] ?? eval(pt);
        port_update(PORT(pt))
    :: else
    fi
}

/* C: object.c entry_count: a client's entry of a portal more */
inline client_more(pt)
{
    clients[pt]++;
    portal_client_added(pt)
}

/* C: object.c entry_count: one less
   C: object.c entry_clear */
inline client_less(pt)
{
    clients[pt]--;
    if
    :: clients[pt] == 0 -> portal_client_gone(pt)
    :: else
    fi
}

/* ---- Rendezvous ---- */

/* C: ipc.c link_call */
inline link_call(c, s)
{
    state[c] = CALLING;
    partner[c] = s;
    caller[s] = c;
    depth[s] = depth[c] + 1;
    state[s] = READY;
    received[c] = 1;
    if
    :: timed[c] || slow[c] || helped[c] ->
#if MUTANT != 10 /* MUTANT 10 deadline: the fast path answers a caller that has a deadline */
        slow[s] = 1
#endif
    :: else
    fi
}

/* C: ipc.c finish_send */
inline finish_send(c, s)
{
    timed[c] = 0;
    received[c] = 1;
    state[c] = READY;
    give(c, R_DONE);
    state[s] = READY;
    sched_home(s)
}

/* C: ipc.c transfer */
inline transfer(from, to, r)
{
    word[to] = word[from];
    give(to, r)
}

/* C: ipc.c meet
   C: sched.c sched_switch */
inline meet(c, s, no_reply)
{
    timed[s] = 0;
    transfer(c, s, R_CALL);
    if
    :: no_reply -> finish_send(c, s)
    :: else ->
        link_call(c, s);
#if MUTANT != 11 /* MUTANT 11 donation: whom a helped thread calls does not know of the help */
        helped[s] = helped[s] | helped[c];
#endif
        if
        :: c == current -> current = s
        :: else -> reschedule = 1
        fi
    fi
}

/* ---- Call ---- */

/* C: ipc.c is_deadlock */
inline is_deadlock(c, p, out)
{
    dl_i = 0;
    dl_p = p;
    out = 0;
    do
    :: dl_i < 32 ->
        if
        :: len(bound[dl_p]) != 1 -> break
        :: else
        fi;
        bound[dl_p] ? <dl_t>;
        do
#if MUTANT != 26 /* MUTANT 26 donation: the search for deadlocks does not follow calls */
        :: dl_t != c && state[dl_t] == CALLING && dl_i < 32 -> dl_t = partner[dl_t]; dl_i++
#endif
        :: else -> break
        od;
        if
        :: dl_t == c -> out = 1; break
        :: dl_t != c && state[dl_t] != QUEUED -> break
        :: else
        fi;
        dl_p = PORT(via[dl_t]);
        dl_i++
    :: else -> break
    od
#if MUTANT == 12 /* MUTANT 12 donation: a thread may call itself */
    ; out = 0
#endif
}

/* C: ipc.c enqueue */
inline enqueue(c, pt, deadline, no_reply)
{
    state[c] = QUEUED;
    via[c] = pt;
    sending[c] = no_reply;
    via_list[pt] ! c;
    sched_base(c, en_b);
    queue_prio[c] = prio[en_b];
    callers[PORT(pt) * PRIOS + queue_prio[c]] ! c;
#if MUTANT != 29 /* MUTANT 29 rendezvous: a port with a queued caller does not look busy */
    port_update(PORT(pt));
#endif
    timed[c] = (deadline == LATER);
#if MUTANT != 13 /* MUTANT 13 helping: a caller that queues keeps the processor */
    reschedule = 1
#endif
}

/* C: ipc.c call */
inline call(c, pt, deadline, no_reply)
{
    if
    :: dying[pt] -> give(c, R_EDEAD)
    :: !dying[pt] && depth[c] >= DEPTH_MAX -> give(c, R_OVERFLOW)
    :: else ->
        port_take_waiter(PORT(pt), ca_s);
        if
        :: ca_s != NONE ->
            timed[c] = (deadline == LATER && !no_reply);
            meet(c, ca_s, no_reply)
        :: ca_s == NONE && deadline == POLL -> give(c, R_TIMEDOUT)
        :: else ->
            is_deadlock(c, PORT(pt), ca_d);
            if
            :: ca_d -> give(c, R_DEADLK)
            :: else -> enqueue(c, pt, deadline, no_reply)
            fi
        fi
    fi
}

/* The fast path, or false. Its preconditions are its `cmp`s; what it does not look at is asserted.
   C: arch/ia32/fastpath.asm FIND_SERVER
   C: arch/ia32/fastpath.asm LINK_CALL
   C: arch/ia32/fastpath.asm SWITCH_AND_LEAVE */
inline fast_call(c, pt, deadline, no_reply, done)
{
    done = 0;
    if
    :: fast_path && deadline == NEVER && !no_reply && !slow[c] && !helped[c] &&
       depth[c] < DEPTH_MAX && !retargeted[pt] && waiter[PORT(pt)] != NONE ->
        fc_s = waiter[PORT(pt)];
        assert(!timed[fc_s] && !slow[fc_s] && !helped[fc_s] && state[fc_s] == WAITING);
        waiter[PORT(pt)] = NONE;
        depth[fc_s] = depth[c] + 1;
        state[fc_s] = READY;
        state[c] = CALLING;
        partner[c] = fc_s;
        caller[fc_s] = c;
        received[c] = 1;
        transfer(c, fc_s, R_CALL);
        current = fc_s;
        done = 1
    :: else
    fi
}

/* C: ipc.c ipc_enter
   C: ipc.c operate */
inline ipc_call(c, pt, deadline, no_reply)
{
    printf("thread %d calls portal %d, deadline %d, no_reply %d\n", c, pt, deadline, no_reply);
    in_ipc[c] = 1;
    received[c] = 0;
    moved = 1;
    fast_call(c, pt, deadline, no_reply, fr_ok);
    if
    :: fr_ok
    :: else ->
        call(c, pt, deadline, no_reply);
        sched_attend()
    fi
}

/* ---- Receiving ---- */

/* C: ipc.c dequeue */
inline dequeue(c)
{
#if MUTANT != 14 /* MUTANT 14 helping: who leaves a queue leaves the budgets behind it parked */
    sched_unpark_chain(c);
    sched_unpark(c);
#endif
    callers[PORT(via[c]) * PRIOS + queue_prio[c]] ?? eval(c);
    via_list[via[c]] ?? eval(c);
    rc_c = via[c];
    via[c] = NONE;
    event_was_last[PORT(rc_c)] = (has_caller(PORT(rc_c)) && event_was_last[PORT(rc_c)]);
    port_update(PORT(rc_c));
    portal_caller_gone(rc_c)
}

/* C: ipc.c receive_caller */
inline receive_caller(s, c)
{
    dequeue(c);
    transfer(c, s, R_CALL);
    if
    :: sending[c] -> finish_send(c, s)
    :: else -> link_call(c, s)
    fi;
    reschedule = 1
}

/* C: ipc.c receive */
inline receive(s, out)
{
    callers_first(bound_to[s], rv_c);
    if
    :: !busy[bound_to[s]] -> event_was_last[bound_to[s]] = 0; out = 0
    :: busy[bound_to[s]] && has_event(bound_to[s]) &&
       !(rv_c != NONE && event_was_last[bound_to[s]]) ->
        receive_event(s);
        out = 1
    :: else ->
        event_was_last[bound_to[s]] = 0;
        if
        :: rv_c != NONE -> receive_caller(s, rv_c); out = 1
        :: else -> out = 0
        fi
    fi
}

/* ---- Reply and wait ---- */

/* C: ipc.c unlink_caller */
inline unlink_caller(s)
{
    if
#if MUTANT != 24 /* MUTANT 24 helping: who was helped goes back along the chain on the helper's budget */
    :: helped[s] -> reschedule = 1
#endif
    :: else
    fi;
    caller[s] = NONE;
    depth[s] = 0;
    slow[s] = 0;
    helped[s] = 0
}

/* C: ipc.c reply */
inline reply(s, c)
{
#if MUTANT != 15 /* MUTANT 15 deadline: an answer leaves the deadline armed */
    timed[c] = 0;
#endif
    partner[c] = NONE;
    state[c] = READY;
    transfer(s, c, R_OK)
}

/* C: ipc.c wait */
inline wait(s, deadline, next)
{
    if
    :: deadline == POLL ->
        give(s, R_TIMEDOUT);
        sched_home(s)
    :: else ->
        state[s] = WAITING;
        timed[s] = (deadline == LATER);
        port_put_waiter(bound_to[s], s);
        if
        :: next != NONE && !reschedule -> current = next
        :: else -> reschedule = 1
        fi
    fi
}

/* C: ipc.c reply_and_wait */
inline reply_and_wait(s, deadline, no_reply)
{
    rw_c = caller[s];
    if
    :: bound_to[s] == NONE -> give(s, R_INVAL)
    :: else ->
        if
        :: rw_c != NONE && no_reply ->
            ipc_fail(rw_c, R_CANCELED);
            rw_c = NONE
        :: rw_c != NONE && !no_reply ->
            unlink_caller(s);
            reply(s, rw_c)
        :: else
        fi;
        receive(s, rv_d);
        if
        :: rv_d
        :: else -> wait(s, deadline, rw_c)
        fi
    fi
}

/* C: arch/ia32/fastpath.asm FIND_CALLER
   C: arch/ia32/fastpath.asm LINK_REPLY */
inline fast_reply(s, deadline, no_reply, done)
{
    done = 0;
    if
    :: fast_path && deadline == NEVER && !no_reply && !slow[s] && !helped[s] &&
#if MUTANT == 23 /* MUTANT 23 rendezvous: the fast path replies and waits over queued callers */
       caller[s] != NONE && bound_to[s] != NONE && waiter[bound_to[s]] == NONE ->
#else
       caller[s] != NONE && bound_to[s] != NONE && waiter[bound_to[s]] == NONE &&
       !busy[bound_to[s]] ->
#endif
        fr_c = caller[s];
        assert(!timed[fr_c] && state[fr_c] == CALLING);
        caller[s] = NONE;
        waiter[bound_to[s]] = s;
        depth[s] = 0;
        state[s] = WAITING;
        state[fr_c] = READY;
        transfer(s, fr_c, R_OK);
        current = fr_c;
        done = 1
    :: else
    fi
}

/* C: ipc.c ipc_enter */
inline ipc_reply_and_wait(s, deadline, no_reply)
{
    printf("thread %d reply_and_wait, deadline %d, no_reply %d\n", s, deadline, no_reply);
    in_ipc[s] = 1;
    moved = 1;
    fast_reply(s, deadline, no_reply, fr_ok);
    if
    :: fr_ok
    :: else ->
        reply_and_wait(s, deadline, no_reply);
        sched_attend()
    fi
}

/* ---- Keeping ---- */

/* C: ipc.c sys_ipc_keep; the REPLY handle is reply_entry[out] */
inline ipc_keep(s, out)
{
    out = caller[s];
    printf("thread %d keeps thread %d\n", s, out);
    reply_entry[out] = 1;
    state[out] = KEPT;
    partner[out] = NONE;
    unlink_caller(s);
    sched_home(s);
    sched_attend()
}

/* C: ipc.c unkeep */
inline unkeep(c)
{
    reply_entry[c] = 0;
#if MUTANT != 16 /* MUTANT 16 helping: budgets parked at a kept caller stay there */
    sched_unpark(c)
#endif
}

/* C: ipc.c reply_kept */
inline ipc_reply_kept(s, c)
{
    printf("thread %d answers kept thread %d\n", s, c);
    in_ipc[s] = 1;
    unkeep(c);
    sched_base(c, uk_b);
#if MUTANT != 17 /* MUTANT 17 keep: a kept caller is answered, but its budget goes on resting */
    sched_ready(uk_b);
#else
    park(uk_b, c);
#endif
    reply(s, c);
    give(s, R_DONE);
    sched_attend()
}

/* ---- Failing, timing out, dying ---- */

/* C: ipc.c leave */
inline leave(t)
{
    lv_s = partner[t];
    if
    :: state[t] == WAITING -> port_remove_waiter(t); state[t] = READY
    :: state[t] == QUEUED -> dequeue(t); state[t] = READY
    :: state[t] == CALLING ->
        sched_unpark_chain(t);
        partner[t] = NONE;
        unlink_caller(lv_s);
#if MUTANT != 18 /* MUTANT 18 death: a server whose caller is gone is not sent home */
        sched_home(lv_s);
#endif
        state[t] = READY
    :: state[t] == KEPT -> unkeep(t); state[t] = READY
    :: else
    fi
}

/* C: ipc.c ipc_fail */
inline ipc_fail(t, r)
{
    assert(!(r == R_TIMEDOUT && received[t]) && !(r == R_CANCELED && !received[t]));
    timed[t] = 0;
    leave(t);
#if MUTANT != 19 /* MUTANT 19 deadline: a wait that ends in an error does not make its budget ready */
    sched_unpark(t);
    sched_base(t, fa_b);
    sched_ready(fa_b);
#endif
    give(t, r)
}

/* C: ipc.c ipc_timeout
   C: time.c time_expire */
inline ipc_timeout(t)
{
    timed[t] = 0;
    if
#if MUTANT == 20 /* MUTANT 20 deadline: ETIMEDOUT for a call that was received and kept */
    :: state[t] == KEPT -> ipc_fail(t, R_TIMEDOUT)
#endif
    :: state[t] == CALLING || state[t] == KEPT -> ipc_fail(t, R_CANCELED)
    :: else -> ipc_fail(t, R_TIMEDOUT)
    fi
}

/* C: ipc.c ipc_detach */
inline ipc_detach(t)
{
    de_c = caller[t];
#if MUTANT != 21 /* MUTANT 21 death: a server dies and its caller is not told */
    if
    :: de_c != NONE -> ipc_fail(de_c, R_EDEAD)
    :: else
    fi;
#endif
    leave(t)
}

/* C: thread.c exit_event */
inline exit_event(t)
{
#ifdef EXIT_PORT
    exits[EXIT_PORT] ! t;
    port_update(EXIT_PORT);
#if MUTANT != 30 /* MUTANT 30 disconnect: an exit event does not wake whoever waits */
    notify_port(EXIT_PORT)
#endif
#else
    skip
#endif
}

/* C: thread.c thread_destroy
   C: thread.c die */
inline thread_destroy(t)
{
    printf("thread %d is destroyed\n", t);
    ipc_detach(t);
    timed[t] = 0;
    in_ipc[t] = 0;
    if
    :: bound_to[t] != NONE -> bound[bound_to[t]] ?? eval(t); bound_to[t] = NONE
    :: else
    fi;
#if MUTANT != 22 /* MUTANT 22 death: the budget of a dead thread stays in its queue */
    sched_retire(t);
#endif
    sched_unpark(t);
    state[t] = DEAD;
    if
    :: t == current ->
        current = IDLE;
#if FIX_3 /* FIX 3 thread.c die: cpu.attention |= CPU_DISPATCH */
        reschedule = 1 /* also if it ran on a helper's budget, which is still cpu_budget */
#endif
    :: else
    fi;
    exit_event(t)
}

/* C: handle.c handle_drop: of a REPLY handle */
inline reply_handle_drop(c)
{
    printf("the REPLY handle of thread %d is closed\n", c);
#if MUTANT == 27 /* MUTANT 27 keep: closing a REPLY handle forgets the kept caller */
    reply_entry[c] = 0
#else
    ipc_fail(c, R_EDEAD)
#endif
}

/* One step of revoking; `more` says whether to come again.
   C: portal.c portal_reap
   C: object.c object_retarget */
inline portal_reap(pt, more)
{
    printf("portal %d is revoked, a step\n", pt);
    dying[pt] = 1;
    if
    :: len(via_list[pt]) > 0 ->
        via_list[pt] ? <br_c>;
        ipc_fail(br_c, R_EDEAD);
        more = 1
    :: else ->
        retargeted[pt] = 1;
        more = 0
    fi
}

/* C: port.c bound_thread_release */
inline bound_thread_release(t)
{
    if
    :: state[t] == WAITING -> ipc_fail(t, R_EDEAD)
    :: else
    fi;
    br_c = caller[t];
    if
#if MUTANT != 28 /* MUTANT 28 death: a port dies, and who is being served there is not told */
    :: br_c != NONE -> ipc_fail(br_c, R_EDEAD)
#endif
    :: else
    fi;
    port_bind(NONE, t)
}

/* ---- Birth ---- */

/* C: thread.c thread_new */
inline thread_new(t, its_prio)
{
    caller[t] = NONE;
    partner[t] = NONE;
    via[t] = NONE;
    bound_to[t] = NONE;
    parked_at[t] = NONE;
    prio[t] = its_prio
}

/* C: thread.c thread_start */
inline thread_start(t)
{
    state[t] = READY;
    sched_ready(t)
}

/* One that runs from the start; its priority is set already. */
inline thread_init(t)
{
    thread_new(t, prio[t]);
    thread_start(t)
}

/* Every priority below this: all systems at once. */
inline any_prio(t, below)
{
    do
    :: prio[t] < below - 1 -> prio[t]++
    :: break
    od;
    skip
}

inline port_init(p)
{
    waiter[p] = NONE
}

/* ---- Properties, after every kernel entry ---- */

/* The thread on which a budget could run, by a walk of its own; NONE: blocked. */
inline runnable(b, out)
{
    out = NONE;
    k_i = 0;
    k_n = b;
    do
    :: k_i < HOPS_MAX && caller[b] == NONE ->
        if
        :: state[k_n] == READY -> out = k_n; break
        :: else
        fi;
        next_hop(k_n, k_s);
        if
        :: k_s == NONE -> break
        :: else -> k_n = k_s; k_i++
        fi
    :: else -> break
    od
}

/* C: audit.c audit_links */
inline check_links(t)
{
    if
    :: caller[t] != NONE -> assert(state[caller[t]] == CALLING && partner[caller[t]] == t)
    :: else
    fi;
    if
    :: state[t] == CALLING -> assert(partner[t] != NONE && caller[partner[t]] == t)
    :: state[t] == WAITING ->
        assert(caller[t] == NONE && bound_to[t] != NONE);
        assert((waiter[bound_to[t]] == t) != (waiters[bound_to[t]] ?? [eval(t)]))
    :: state[t] == QUEUED -> assert(via[t] != NONE && via_list[via[t]] ?? [eval(t)])
    :: else
    fi;
    assert((state[t] == KEPT) == reply_entry[t]); /* answered once, and never forgotten */
    assert(!timed[t] || state[t] == WAITING || state[t] == QUEUED || state[t] == CALLING ||
           state[t] == KEPT);
    assert(depth[t] <= DEPTH_MAX)
}

/* C: audit.c audit_budget */
inline check_budget(b)
{
    assert(place[b] != B_IDLE);
    runnable(b, k_r);
    /* No budget that could run is forgotten (no lost wake-up, no lost help) ... */
    if
#ifndef FAR
    :: place[b] == B_PARKED && parked_at[b] != NONE -> assert(k_r == NONE)
#endif
    :: else
    fi;
    /* ... and none waits for one of lower priority. */
    if
#ifdef FAR
    :: place[b] == B_PARKED
#endif
    :: k_r != NONE && !(timer_now && place[b] == B_PARKED) ->
        assert(cpu_budget != NONE && prio[b] <= prio[cpu_budget])
    :: else
    fi;
    /* A thread that can run has its chain's budget for it. */
    if
    :: state[b] == READY ->
        sched_base(b, k_b);
        assert(place[k_b] == B_READY || parked_at[k_b] == NONE)
    :: else
    fi
}

/* C: audit.c audit_port */
inline check_port(p)
{
    assert((waiter[p] == NONE && len(waiters[p]) == 0) || (!has_caller(p) && !has_event(p)));
    assert(busy[p] == (has_caller(p) || has_event(p)));
    if
    :: waiter[p] != NONE ->
        assert(state[waiter[p]] == WAITING && bound_to[waiter[p]] == p);
        assert(!timed[waiter[p]] && !slow[waiter[p]] && !helped[waiter[p]])
    :: else
    fi
}

/* The thread that runs: it can, it has the result of its last operation, and the budget leads to
   it; if by helping, it is flagged, so that the fast path leaves it alone. */
inline check_current()
{
    if
    :: current != IDLE ->
        assert(state[current] == READY && !in_ipc[current] && cpu_budget != NONE);
        runnable(cpu_budget, k_r);
#ifdef FAR
        assert(k_r == current || (k_r == NONE && helped[current]));
#else
        assert(k_r == current);
#endif
        sched_base(current, k_b);
        assert(k_b == cpu_budget || helped[current])
    :: else -> assert(cpu_budget == NONE)
    fi
}

inline check()
{
    printf("    runs: thread %d on budget %d\n", current, cpu_budget);
    k_t = 0;
    do
    :: k_t < THREADS ->
        if
        :: state[k_t] == DEAD || state[k_t] == NEW -> assert(place[k_t] == B_IDLE)
        :: else ->
            check_links(k_t);
            check_budget(k_t)
        fi;
        k_t++
    :: else -> break
    od;
    k_p = 0;
    do
    :: k_p < PORTS -> check_port(k_p); k_p++
    :: else -> break
    od;
    check_current()
}

/* ---- The world outside the threads ---- */

/* Deadlines pass and quanta end whenever they like. */
#define can_yield \
    (moved && cpu_budget != NONE && place[cpu_budget] == B_READY && \
     len(ready[prio[cpu_budget]]) > 1)

inline clock_tick()
{
    printf("tick\n");
#ifdef LIVE
    moved = 0;
#endif
    sched_yield();
    sched_attend();
    check()
}

inline clock_timeout(t)
{
    printf("deadline of thread %d\n", t);
    ipc_timeout(t);
    sched_attend();
    check()
}
