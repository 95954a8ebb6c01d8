# SPDX-License-Identifier: MIT
"""A model of Iris' IPC: what every operation gives, and what everybody can see after it.

It follows architecture.md section 3 and says for one processor, one operation at a time, what the
kernel must do: ports, portals, handles and their rights, calls, sends, replies, kept callers,
notifications, DISCONNECT, deadlines, deadlocks, death. Budgets appear as the priority that queues
are ordered by. Each step ends when nobody can go on; deadlines that have passed are over then.
"""

from __future__ import annotations

from ipc_objects import (
    BUFFER_BYTES, BUFFER_READABLE, BUFFER_WRITABLE, CALLING, DEAD, EBADF, ECANCELED, EDEAD,
    EDEADLK, EEXIST, EINVAL, ENOENT, EPERM, ETIMEDOUT, EVENT_DISCONNECT, EVENT_NOTIFY, KEPT, MOVE,
    NUMBER_FIRST, QUEUED, READY, SUM_BASIS, TAG_DROPPED, TAG_ERROR, TAG_KERNEL, WAITING, Entry,
    Failed, Port, Portal, Thread, bytes_sum, handles, message_sum, states, sum_words)
from ipc_script import (
    ARG_ZERO, DEADLINE_FAR, DEADLINE_NONE, DEADLINE_PAST, DEADLINE_POLL, MASK, OP_BIND, OP_CLOSE,
    OP_COPY, OP_DATA, OP_DESTROY, OP_EXIT, OP_GIVE, OP_IDENTIFY, OP_KEEP, OP_KILL, OP_NOTIFY,
    OP_PORT, OP_PORTAL, OP_REPLY_WAIT, OP_SCHEDULE, OP_SEND, OP_SPAWN, OP_WAIT, POOL,
    PRIORITY_CEILING, PRIORITY_FIRST, RIGHT_CALL, RIGHT_CONTROL, RIGHT_COPY, RIGHT_DESTROY,
    RIGHT_NOTIFY, RIGHT_RECEIVE, RIGHTS_CLIENT, SLOTS, SPACES, TYPE_NONE, TYPE_PORT, TYPE_PORTAL,
    TYPE_REPLY, TYPE_THREAD, WORKERS, Operation)


class Model:
    """The whole: six workers in three spaces, and whatever they have made."""

    def __init__(self) -> None:
        self.threads = [Thread(w, PRIORITY_FIRST + w) for w in range(WORKERS)]
        self.tables: list[list[Entry | None]] = [[None] * SLOTS for _ in range(SPACES)]
        self.pools = [bytearray(i & 0xFF for i in range(w * POOL, (w + 1) * POOL))
                      for w in range(WORKERS)]
        self.next_number = NUMBER_FIRST
        self.results: dict[int, tuple[int, int, int, int]] = {}

    # ---- results ----------------------------------------------------------------------------

    def finish(self, thread: Thread, result: int, badge: int = 0, total: int = 0,
               received: int = 0) -> None:
        """The thread's operation is over."""
        self.results[thread.worker] = (result & MASK, badge, total, received)
        thread.state, thread.idle, thread.timed = READY, True, False
        thread.partner = None

    def finish_ipc(self, thread: Thread, error: int = 0) -> None:
        """A message operation ends with an error, or with nothing to tell."""
        self.finish(thread, error << 16 | TAG_ERROR if error else 0, 0, SUM_BASIS)

    # ---- tables and objects -----------------------------------------------------------------

    def find(self, space: int, slot: int) -> Entry | None:
        """The entry of a slot in use."""
        return self.tables[space][slot] if slot < SLOTS else None

    def get(self, space: int, slot: int, kind: int = TYPE_NONE, rights: int = 0) -> Entry:
        """The entry of a handle that names what an operation needs."""
        entry = self.find(space, slot)
        if entry is None:
            raise Failed(EBADF)
        if entry.type == TYPE_NONE:
            raise Failed(EDEAD)
        if kind not in (TYPE_NONE, entry.type):
            raise Failed(EBADF)
        if rights & ~entry.rights:
            raise Failed(EPERM)
        return entry

    def need_free(self, space: int, slot: int) -> None:
        """The slot can take a handle."""
        if slot >= SLOTS:
            raise Failed(EINVAL)
        if self.tables[space][slot] is not None:
            raise Failed(EEXIST)

    def entries_of(self, target: object) -> list[Entry]:
        """All handles of an object."""
        return [entry for table in self.tables for entry in table
                if entry and entry.object is target]

    def put(self, space: int, slot: int, entry: Entry) -> None:
        """A slot is filled; a client of a portal is back."""
        self.tables[space][slot] = entry
        if entry.type == TYPE_PORTAL and not entry.rights & RIGHT_CONTROL:
            portal = entry.object
            portal.orphaned = False
            if portal in portal.port.disconnects:
                portal.port.disconnects.remove(portal)

    def put_copy(self, space: int, slot: int, source: Entry, rights: int) -> None:
        """A copy with at most these rights; a client's has those the portal was made with."""
        rights &= source.rights
        if source.type == TYPE_PORTAL and not rights & RIGHT_CONTROL:
            rights &= source.object.rights
        self.put(space, slot, Entry(source.type, source.object, rights))

    def clear(self, space: int, slot: int) -> None:
        """A slot is emptied; the last client of a portal is news for its port."""
        entry, self.tables[space][slot] = self.tables[space][slot], None
        if entry.type == TYPE_PORTAL and not entry.rights & RIGHT_CONTROL:
            portal = entry.object
            if all(other.rights & RIGHT_CONTROL for other in self.entries_of(portal)):
                portal.orphaned = True
                self.disconnect_if_due(portal)

    def is_last_receiver(self, entry: Entry) -> bool:
        """The port dies with this handle."""
        return (entry.type == TYPE_PORT and bool(entry.rights & RIGHT_RECEIVE)
                and sum(bool(other.rights & RIGHT_RECEIVE)
                        for other in self.entries_of(entry.object)) == 1)

    def drop(self, space: int, slot: int) -> None:
        """A handle is closed, with all that follows."""
        entry = self.tables[space][slot]
        if entry.type == TYPE_REPLY:
            self.fail(entry.object, EDEAD)
            return
        if self.is_last_receiver(entry):
            self.kill_port(entry.object)
        self.clear(space, slot)

    def retarget(self, target: object) -> None:
        """An object is gone: its handles are dead."""
        for entry in self.entries_of(target):
            entry.dies()

    # ---- events -----------------------------------------------------------------------------

    def disconnect_if_due(self, portal: Portal) -> None:
        """DISCONNECT comes after all calls through the portal."""
        if not portal.orphaned or portal.callers or portal.dying:
            return
        portal.orphaned = False
        portal.port.disconnects.append(portal)
        self.deliver_event(portal.port)

    def deliver_event(self, port: Port) -> None:
        """Whoever waits gets what there is."""
        if port.has_event():
            thread = port.take_waiter()
            if thread:
                self.receive_event(thread)

    def receive_event(self, thread: Thread) -> None:
        """All bits at once, else the first DISCONNECT."""
        port, label, badge, bits = thread.port, EVENT_NOTIFY, 0, 0
        if port.pending:
            bits, port.pending = port.pending, 0
        else:
            label, badge = EVENT_DISCONNECT, port.disconnects.pop(0).badge
        port.caller_next = bool(port.callers)
        self.finish(thread, label << 16 | TAG_KERNEL | 3, badge,
                    sum_words(SUM_BASIS, (bits, 0, 0)))

    # ---- messages ---------------------------------------------------------------------------

    def sendable(self, space: int, slot: int) -> Entry | None:
        """A handle that may be passed on in a message."""
        entry = self.find(space, slot)
        if entry is None or entry.type in (TYPE_NONE, TYPE_REPLY) or not entry.rights & RIGHT_COPY:
            return None
        return entry

    def transfer_handle(self, sender: Thread, receiver: Thread, i: int) -> bool:
        """Copies or moves one handle; False: it is dropped."""
        slot, rights = sender.op.value[i], sender.op.rights[i]
        source = self.sendable(sender.space, slot)
        target = receiver.op.receive
        if source is None or not target >> (4 + i) & 1:
            return False
        target = ((target & 15) + i) % SLOTS
        if self.tables[receiver.space][target] is not None:
            return False
        if rights & MOVE and not rights & RIGHT_RECEIVE and self.is_last_receiver(source):
            return False  # nobody could serve the port any more
        self.put_copy(receiver.space, target, source, rights & ~MOVE)
        if rights & MOVE:
            self.clear(sender.space, slot)
        return True

    def transfer(self, sender: Thread, receiver: Thread, badge: int) -> None:
        """The receiver's operation is over: it has the sender's message."""
        op, received = sender.op, 0
        tag = (op.seed | 0x100) << 16 | op.words | op.handles << 7 | op.buffers << 10
        for i in range(op.handles):
            if self.transfer_handle(sender, receiver, i):
                received |= 1 << i
        if received != (1 << op.handles) - 1:
            tag |= TAG_DROPPED
        self.finish(receiver, tag, badge, message_sum(op.seed, op.words), received)

    def meet(self, caller: Thread, server: Thread, badge: int) -> None:
        """A message passes from caller to server."""
        self.transfer(caller, server, badge)
        if caller.op.code == OP_SEND:
            self.finish_ipc(caller)
            return
        caller.state, caller.partner, server.caller = CALLING, server, caller
        caller.buffers = caller.op.buffers

    # ---- calling ----------------------------------------------------------------------------

    @staticmethod
    def is_deadlock(caller: Thread, port: Port) -> bool:
        """Waiting there would be waiting for oneself, as far as ports with one thread tell."""
        for _ in range(32):
            if len(port.bound) != 1:
                return False
            server = port.bound[0]
            while server is not caller and server.state == CALLING:
                server = server.partner
            if server is caller:
                return True
            if server.state != QUEUED:
                return False
            port = server.via.port
        return False

    def enqueue(self, caller: Thread, portal: Portal) -> None:
        """By priority of the budget it runs on, then first come."""
        priority, callers = caller.base().priority, portal.port.callers
        at = next((i for i, (other, _) in enumerate(callers) if other < priority), len(callers))
        callers.insert(at, (priority, caller))
        portal.callers.append(caller)
        caller.state, caller.via = QUEUED, portal
        caller.timed = caller.op.deadline != DEADLINE_NONE

    def call(self, caller: Thread, entry: Entry) -> None:
        """A call or send through a portal."""
        op, portal = caller.op, entry.object
        if not entry.rights & RIGHT_CALL:
            raise Failed(EPERM)
        for slot in op.value[:op.handles]:
            if self.find(caller.space, slot) is None:
                raise Failed(EBADF)
            if self.sendable(caller.space, slot) is None:
                raise Failed(EPERM)
        server = portal.port.take_waiter()
        if server:
            self.meet(caller, server, portal.badge)
            caller.timed = caller.state == CALLING and op.deadline >= DEADLINE_PAST
            return
        if op.deadline == DEADLINE_POLL:
            raise Failed(ETIMEDOUT)
        if self.is_deadlock(caller, portal.port):
            raise Failed(EDEADLK)
        self.enqueue(caller, portal)

    def dequeue(self, caller: Thread) -> None:
        """It leaves the queue of its port."""
        portal = caller.via
        portal.port.callers = [pair for pair in portal.port.callers if pair[1] is not caller]
        if not portal.port.callers:
            portal.port.caller_next = False
        portal.callers.remove(caller)
        caller.via = None
        self.disconnect_if_due(portal)

    # ---- receiving and answering ------------------------------------------------------------

    def receive(self, server: Thread) -> bool:
        """Events before calls, but after an event a caller that waited goes next."""
        port = server.port
        if port.has_event() and not (port.callers and port.caller_next):
            self.receive_event(server)
            return True
        port.caller_next = False
        if not port.callers:
            return False
        caller = port.callers[0][1]
        badge = caller.via.badge
        self.dequeue(caller)
        timed = caller.timed
        self.meet(caller, server, badge)
        caller.timed = timed and caller.state == CALLING
        return True

    def reply(self, server: Thread, caller: Thread) -> None:
        """The caller's operation is over: it has its answer."""
        caller.buffers = 0
        self.transfer(server, caller, 0)

    def wait(self, server: Thread) -> None:
        """wait, reply_and_wait: answers the caller or gives it up, then receives."""
        op, caller = server.op, server.caller
        if server.port is None:
            raise Failed(EINVAL)
        if caller and op.code == OP_WAIT:
            self.fail(caller, ECANCELED)
        elif caller:
            server.caller = None
            self.reply(server, caller)
        if self.receive(server):
            return
        if op.deadline == DEADLINE_POLL:
            raise Failed(ETIMEDOUT)
        server.state, server.timed = WAITING, op.deadline != DEADLINE_NONE
        if server.port.waiter is None and not server.timed:
            server.port.waiter = server
        else:
            server.port.waiters.append(server)

    def operate(self, thread: Thread) -> None:
        """Every message operation."""
        op = thread.op
        if op.code != OP_WAIT and (op.words > 64 or op.handles > 4 or op.buffers > 4):
            raise Failed(EINVAL)
        if op.code in (OP_WAIT, OP_REPLY_WAIT):
            self.wait(thread)
            return
        entry = self.get(thread.space, op.a)
        if entry.type == TYPE_PORTAL:
            self.call(thread, entry)
        elif entry.type == TYPE_REPLY:
            caller = entry.object
            self.clear(*caller.kept_in)
            self.reply(thread, caller)
            self.finish_ipc(thread)
        elif entry.type == TYPE_THREAD:  # only a new thread takes a message: START
            raise Failed(EINVAL if entry.rights & RIGHT_CONTROL else EPERM)
        else:
            raise Failed(EBADF)

    # ---- failing and dying ------------------------------------------------------------------

    def leave(self, thread: Thread) -> None:
        """Whatever it waits for goes on without it."""
        if thread.state == WAITING:
            if thread.port.waiter is thread:
                thread.port.waiter = None
            else:
                thread.port.waiters.remove(thread)
        elif thread.state == QUEUED:
            self.dequeue(thread)
        elif thread.state == CALLING:
            thread.partner.caller = None
        elif thread.state == KEPT:
            self.clear(*thread.kept_in)
        thread.buffers = 0
        thread.state = READY

    def fail(self, thread: Thread, error: int) -> None:
        """Its operation ends with an error."""
        self.leave(thread)
        self.finish_ipc(thread, error)

    def expire(self, thread: Thread) -> None:
        """Its deadline has passed: received or not makes the difference."""
        self.fail(thread, ECANCELED if thread.state in (CALLING, KEPT) else ETIMEDOUT)

    def kill_thread(self, thread: Thread) -> None:
        """A thread ends; its caller learns of it, whom it called goes on."""
        if thread.caller:
            self.fail(thread.caller, EDEAD)
        self.leave(thread)
        self.bind(thread, None)
        self.retarget(thread)
        thread.alive = thread.idle = False
        thread.state = DEAD

    def kill_portal(self, portal: Portal) -> None:
        """Revocation: queued calls fail, received ones finish."""
        portal.dying = True
        while portal.callers:
            self.fail(portal.callers[0], EDEAD)
        if portal in portal.port.disconnects:
            portal.port.disconnects.remove(portal)
        portal.port.portals.remove(portal)
        self.retarget(portal)

    def kill_port(self, port: Port) -> None:
        """With its portals; who waits there, and whom its threads serve, gets EDEAD."""
        while port.portals:
            self.kill_portal(port.portals[0])
        for thread in list(port.bound):
            if thread.state == WAITING:
                self.fail(thread, EDEAD)
            if thread.caller:
                self.fail(thread.caller, EDEAD)
            self.bind(thread, None)
        self.retarget(port)

    @staticmethod
    def bind(thread: Thread, port: Port | None) -> None:
        """A thread is bound to one port at most."""
        if thread.port:
            thread.port.bound.remove(thread)
        thread.port = port
        if port:
            port.bound.append(thread)

    # ---- kernel calls -----------------------------------------------------------------------

    def describe(self, entry: Entry, shown: Port | None = None) -> tuple[int, int, int]:
        """What handle_identify tells: type, rights, badge; object; port."""
        number = entry.object.number if entry.object else 0
        port = badge = 0
        if entry.type == TYPE_PORTAL:
            port = entry.object.port.number
            badge = entry.object.badge if entry.object.port is shown else 0
        return entry.type | entry.rights << 8 | badge << 16, number, port

    def make_port(self, thread: Thread, op: Operation) -> None:
        """port_create."""
        self.need_free(thread.space, op.a)
        entry = Entry(TYPE_PORT, Port(self.next_number), 0xFF)
        self.next_number += 1
        self.put(thread.space, op.a, entry)
        self.finish(thread, 0, *self.describe(entry))

    def make_portal(self, thread: Thread, op: Operation) -> None:
        """portal_create."""
        port = self.get(thread.space, op.a, TYPE_PORT, RIGHT_CONTROL).object
        badge, rights, mask = op.value[:3]
        if rights & ~RIGHTS_CLIENT:
            raise Failed(EINVAL)
        self.need_free(thread.space, op.b)
        portal = Portal(self.next_number, port, badge, rights, mask)
        self.next_number += 1
        port.portals.append(portal)
        entry = Entry(TYPE_PORTAL, portal, rights | RIGHT_CONTROL | RIGHT_DESTROY | RIGHT_COPY)
        self.put(thread.space, op.b, entry)
        self.finish(thread, 0, *self.describe(entry))

    def close(self, thread: Thread, op: Operation) -> None:
        """handle_close."""
        if self.find(thread.space, op.a) is None:
            raise Failed(EBADF)
        self.drop(thread.space, op.a)
        self.finish(thread, 0)

    def copy(self, thread: Thread, op: Operation) -> None:
        """handle_copy, to the own or another space."""
        source = self.get(thread.space, op.a, TYPE_NONE, RIGHT_COPY)
        space = op.value[0] if op.value[0] < SPACES else thread.space
        rights, move = op.value[1], op.value[2]
        if move and not rights & RIGHT_RECEIVE and self.is_last_receiver(source):
            raise Failed(EPERM)
        self.need_free(space, op.b)
        self.put_copy(space, op.b, source, rights)
        if move:
            self.drop(thread.space, op.a)
        self.finish(thread, 0)

    def identify(self, thread: Thread, op: Operation) -> None:
        """handle_identify; the badge only for who receives at the port."""
        shown = None
        if op.b != ARG_ZERO:
            shown = self.get(thread.space, op.b, TYPE_PORT, RIGHT_RECEIVE).object
        entry = self.find(thread.space, op.a)
        if entry is None:
            raise Failed(EBADF)
        self.finish(thread, 0, *self.describe(entry, shown))

    def destroy(self, thread: Thread, op: Operation) -> None:
        """object_destroy."""
        entry = self.get(thread.space, op.a, TYPE_NONE, RIGHT_DESTROY)
        target = entry.object
        if entry.type == TYPE_THREAD:
            self.kill_thread(target)
        elif entry.type == TYPE_PORT:
            self.kill_port(target)
        else:
            self.kill_portal(target)
        if thread.alive:
            self.finish(thread, 0)

    def bind_port(self, thread: Thread, op: Operation) -> None:
        """port_bind."""
        port = None
        if op.a != ARG_ZERO:
            port = self.get(thread.space, op.a, TYPE_PORT, RIGHT_RECEIVE).object
        self.bind(thread, port)
        self.finish(thread, 0)

    def keep(self, thread: Thread, op: Operation) -> None:
        """ipc_keep."""
        caller = thread.caller
        if caller is None:
            raise Failed(ENOENT)
        self.need_free(thread.space, op.a)
        self.put(thread.space, op.a, Entry(TYPE_REPLY, caller, 0))
        caller.state, caller.partner, thread.caller = KEPT, None, None
        caller.kept_in = (thread.space, op.a)
        caller.called_port = thread.port.number if thread.port else 0
        self.finish(thread, 0)

    def notify(self, thread: Thread, op: Operation) -> None:
        """notify."""
        portal = self.get(thread.space, op.a, TYPE_PORTAL, RIGHT_NOTIFY).object
        portal.port.pending |= op.value[0] & portal.mask
        self.deliver_event(portal.port)
        self.finish(thread, 0)

    def data(self, thread: Thread, op: Operation) -> None:
        """ipc_copy. The scratch memory is told in every case."""
        scratch = bytearray((op.seed + i * 7) & 0xFF for i in range(32))
        try:
            result = self.copy_data(thread, op, scratch)
        except Failed as failure:
            result = -failure.error
        self.finish(thread, result, 0, bytes_sum(scratch))

    def copy_data(self, thread: Thread, op: Operation, scratch: bytearray) -> int:
        """Between scratch memory and a buffer of the caller's; bytes copied."""
        index, out, probe, (offset, length) = op.b & 3, op.b & 4, op.b & 8, op.value[:2]
        if op.b & 16:
            raise Failed(EINVAL)
        caller = thread.caller
        if op.a != ARG_ZERO:
            caller = self.get(thread.space, op.a, TYPE_REPLY).object
        if caller is None:
            raise Failed(ENOENT)
        if index >= caller.buffers:
            raise Failed(EINVAL)
        if not (BUFFER_WRITABLE if out else BUFFER_READABLE)[index]:
            raise Failed(EPERM)
        if offset + length > BUFFER_BYTES:
            raise Failed(EINVAL)
        at, pool = index * BUFFER_BYTES + offset, self.pools[caller.worker]
        if out and not probe:
            pool[at:at + length] = scratch[:length]
        elif not probe:
            scratch[:length] = pool[at:at + length]
        return length

    def schedule(self, thread: Thread, op: Operation) -> None:
        """thread_schedule: who queues already keeps its place."""
        target = self.get(thread.space, op.a, TYPE_THREAD, RIGHT_CONTROL).object
        if op.value[0] >= 64:
            raise Failed(EINVAL)
        if thread.space and op.value[0] > PRIORITY_CEILING:
            raise Failed(EPERM)
        target.priority = op.value[0]
        self.finish(thread, 0)

    CALLS = {OP_PORT: make_port, OP_PORTAL: make_portal, OP_CLOSE: close, OP_COPY: copy,
             OP_IDENTIFY: identify, OP_DESTROY: destroy, OP_BIND: bind_port, OP_KEEP: keep,
             OP_NOTIFY: notify, OP_DATA: data, OP_SCHEDULE: schedule}

    # ---- one step ---------------------------------------------------------------------------

    def perform(self, thread: Thread, op: Operation) -> None:
        """A worker's operation, until nobody can go on."""
        thread.op, thread.idle = op, False
        if op.code in self.CALLS:
            try:
                self.CALLS[op.code](self, thread, op)
            except Failed as failure:
                self.finish(thread, -failure.error)
        elif op.code == OP_EXIT:
            self.kill_thread(thread)
        else:
            try:
                self.operate(thread)
            except Failed as failure:
                self.finish_ipc(thread, failure.error)
            if thread.timed and op.deadline != DEADLINE_FAR:
                self.expire(thread)

    def control(self, thread: Thread, op: Operation) -> int | None:
        """The controller's own operations; the result of `give`."""
        if op.code == OP_KILL:
            self.kill_thread(thread)
        elif op.code == OP_SPAWN:
            self.threads[op.worker] = thread = Thread(op.worker, op.value[0])
            self.finish(thread, 0)
        else:
            if self.tables[op.value[0]][op.b] is not None:
                return -EEXIST & MASK
            self.put(op.value[0], op.b, Entry(TYPE_THREAD, thread, op.value[1]))
            return 0
        return None

    def step(self, op: Operation) -> list[int]:
        """Executes one operation; what can be seen then, as observe.c writes it down."""
        thread, given = self.threads[op.worker], None
        self.results = {}
        if thread.alive != (op.code != OP_SPAWN):
            return [0]
        if op.code in (OP_KILL, OP_SPAWN, OP_GIVE):
            given = self.control(thread, op)
        elif thread.idle:
            self.perform(thread, op)
        else:
            return [0]
        seen = [1]
        for worker in sorted(self.results):
            code = self.threads[worker].op.code
            seen += (0xC0DE0000 | worker << 8 | code, *self.results[worker])
        if op.code == OP_GIVE:
            seen.append(given)
        if op.code == OP_DATA:
            seen.append(bytes_sum(b"".join(self.pools)))
        return seen + states(self.threads) + handles(self.tables)
