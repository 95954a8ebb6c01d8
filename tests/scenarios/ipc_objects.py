# SPDX-License-Identifier: MIT
"""What the model of Iris' IPC is made of: handles, ports, portals, threads, checksums."""

from __future__ import annotations

from functools import lru_cache

from ipc_script import MASK, OP_NONE, TYPE_NONE, Operation

EPERM, ENOENT, EBADF, EEXIST, EINVAL = 1, 2, 9, 17, 22
EDEADLK, ETIMEDOUT, ECANCELED, EDEAD = 45, 116, 140, 160
READY, WAITING, QUEUED, CALLING, KEPT, DEAD = 1, 2, 3, 4, 5, 7
ERRORS = {EPERM: "EPERM", ENOENT: "ENOENT", EBADF: "EBADF", EEXIST: "EEXIST", EINVAL: "EINVAL",
          EDEADLK: "EDEADLK", ETIMEDOUT: "ETIMEDOUT", ECANCELED: "ECANCELED", EDEAD: "EDEAD"}

TAG_DROPPED, TAG_KERNEL, TAG_ERROR = 0x2000, 0x4000, 0x8000
EVENT_NOTIFY, EVENT_DISCONNECT = 0xFF00, 0xFF01
NUMBER_CONTROL, NUMBER_FIRST = 14, 16
BUFFER_BYTES = 16
MOVE = 0x80  # in the rights of a sent handle
BUFFER_READABLE, BUFFER_WRITABLE = (True, True, False, False), (True, False, True, False)
SUM_BASIS = 2166136261


def sum_words(total: int, words: list[int] | tuple[int, ...]) -> int:
    """FNV-1a over 32-bit words."""
    for word in words:
        total = (total ^ word) * 16777619 & MASK
    return total


@lru_cache(maxsize=None)
def message_sum(seed: int, words: int) -> int:
    """Checksum of the words of a message: they follow from its seed."""
    return sum_words(SUM_BASIS, [(seed * 64 + i + 1) * 2654435761 & MASK for i in range(words)])


def bytes_sum(data: bytes | bytearray) -> int:
    """The same over bytes, four to a word."""
    return sum_words(SUM_BASIS, [int.from_bytes(data[i:i + 4], "little")
                                 for i in range(0, len(data), 4)])


class Failed(Exception):
    """The operation ends with this error number, and nothing else happens."""

    def __init__(self, error: int) -> None:
        super().__init__(error)
        self.error = error


class Entry:
    """A slot of a handle table that is in use; type NONE: its object is dead."""

    __slots__ = ("object", "rights", "type")

    def __init__(self, kind: int, target: Port | Portal | Thread, rights: int) -> None:
        self.type, self.object, self.rights = kind, target, rights

    def dies(self) -> None:
        """Its object is gone; the slot stays taken."""
        self.type, self.object, self.rights = TYPE_NONE, None, 0  # type: ignore[assignment]


class Port:
    """Where servers wait and callers queue."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.waiter: Thread | None = None  # without deadline; is taken before the others
        self.waiters: list[Thread] = []
        self.callers: list[tuple[int, Thread]] = []  # by priority, then first come
        self.bound: list[Thread] = []
        self.portals: list[Portal] = []
        self.disconnects: list[Portal] = []
        self.pending = 0
        self.caller_next = False  # it waited when the last event was received

    def has_event(self) -> bool:
        """Bits or a DISCONNECT wait to be received."""
        return bool(self.pending or self.disconnects)

    def take_waiter(self) -> Thread | None:
        """Who gets the next message, off the port; None: nobody waits."""
        thread, self.waiter = self.waiter, None
        if thread is None and self.waiters:
            thread = self.waiters.pop(0)
        return thread


class Portal:
    """The right to call a port, with a badge."""

    def __init__(self, number: int, port: Port, badge: int, rights: int, mask: int) -> None:
        self.number, self.port, self.badge, self.mask = number, port, badge, mask
        self.rights = rights  # the most that a client's handle has
        self.callers: list[Thread] = []
        self.orphaned = self.dying = False


class Thread:
    """A worker: idle, or in an operation that blocks."""

    def __init__(self, worker: int, priority: int) -> None:
        self.worker, self.space, self.number = worker, worker // 2, worker + 1
        self.priority = priority
        self.alive = self.idle = True
        self.state = READY
        self.port: Port | None = None
        self.caller: Thread | None = None
        self.partner: Thread | None = None
        self.via: Portal | None = None
        self.kept_in: tuple[int, int] = (0, 0)  # space, slot
        self.called_port = 0
        self.buffers = 0
        self.timed = False
        self.op = Operation(OP_NONE, worker)

    def base(self) -> Thread:
        """Whose budget it runs on."""
        thread = self
        while thread.caller:
            thread = thread.caller
        return thread


# ---- what can be seen -------------------------------------------------------------------

def states(threads: list[Thread]) -> list[int]:
    """State, ports, partners, budget and priority of every worker."""
    seen = []
    for thread in threads:
        if not thread.alive:
            seen.append(DEAD)
            continue
        state, port, partner, space = thread.state, 0, 0, 0
        bound = thread.port.number if thread.port else 0
        if thread.idle:
            state, port, space = KEPT, NUMBER_CONTROL, 1
        elif state == WAITING:
            port = bound
        elif state == QUEUED:
            port = thread.via.port.number
        elif state == CALLING:
            server = thread.partner
            port = server.port.number if server.port else 0
            partner, space = server.number, server.space + 1
        else:
            port, space = thread.called_port, thread.kept_in[0] + 1
        caller = thread.caller.number if thread.caller else 0
        seen.append(state | (bound & 0xFF) << 4 | (port & 0xFF) << 12 | partner << 20
                    | caller << 24 | thread.base().number << 28)
        seen.append(thread.priority | space << 8)
    return seen


def handles(tables: list[list[Entry | None]]) -> list[int]:
    """Every slot of every table."""
    return [0 if entry is None else
            0x80000000 | entry.rights | entry.type << 8
            | (entry.object.number << 12 if entry.object else 0)
            for table in tables for entry in table]
