# SPDX-License-Identifier: MIT
"""Operations for the model-based test of IPC: how they are packed, and the generator of random
ones.

Both have their twin in C: struct operation in tests/user/t_model/model.h, and generate.c there.
Given the same seed, and a system that does what the model predicts, both make the same operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ipc_model import Model

WORKERS, SPACES, SLOTS, POOL = 6, 3, 12, 64
PRIORITY_FIRST, PRIORITY_CEILING = 8, 13
ARG_ZERO, ARG_RANGE = 12, 13
MASK = 0xFFFFFFFF

(OP_NONE, OP_PORT, OP_PORTAL, OP_CLOSE, OP_COPY, OP_IDENTIFY, OP_DESTROY, OP_BIND, OP_CALL, OP_SEND,
 OP_WAIT, OP_REPLY_WAIT, OP_KEEP, OP_REPLY, OP_NOTIFY, OP_DATA, OP_SCHEDULE, OP_EXIT, OP_SWEEP,
 OP_KILL, OP_SPAWN, OP_GIVE) = range(22)
NAMES = ("none port portal close copy identify destroy bind call send wait reply_wait keep reply "
         "notify data schedule exit sweep kill spawn give").split()
DEADLINE_NONE, DEADLINE_POLL, DEADLINE_PAST, DEADLINE_FAR = range(4)
DEADLINES = ("", " poll", " past", " far")
MESSAGES = (OP_CALL, OP_SEND, OP_REPLY_WAIT, OP_REPLY)

TYPE_NONE, TYPE_SPACE, TYPE_THREAD, TYPE_PORT, TYPE_PORTAL, TYPE_REPLY = range(6)
RIGHT_CALL, RIGHT_NOTIFY, RIGHT_RECEIVE, RIGHT_MAP = 1, 2, 4, 8
RIGHT_CONTROL, RIGHT_DESTROY, RIGHT_COPY, RIGHT_INSPECT = 16, 32, 64, 128
RIGHTS_CLIENT = RIGHT_CALL | RIGHT_NOTIFY | RIGHT_COPY


class Operation(NamedTuple):
    """One operation of one worker; slots are 0-11, ARG_ZERO (handle 0) or ARG_RANGE."""

    code: int
    worker: int
    a: int = 0
    b: int = 0
    words: int = 0
    handles: int = 0  # how many the tag announces
    deadline: int = 0
    buffers: int = 0
    receive: int = 0  # low: first receive slot; high: which of the four are set
    seed: int = 0
    value: tuple[int, ...] = (0, 0, 0, 0)  # message: slots of the handles; else arguments
    rights: tuple[int, ...] = (0, 0, 0, 0)  # of the handles; bit 7: move

    def packed(self) -> bytes:
        """As it travels."""
        shape = self.handles | self.deadline << 3 | self.buffers << 5
        assert len(self.value) == len(self.rights) == 4
        return bytes([self.code, self.worker, self.a, self.b, self.words, shape, self.receive,
                      self.seed, *self.value, *self.rights])

    def __str__(self) -> str:
        text = f"w{self.worker} {NAMES[self.code]}"
        if self.code in MESSAGES or self.code == OP_WAIT:
            if self.code not in (OP_WAIT, OP_REPLY_WAIT):
                text += f" slot {self.a}"
            text += f" words={self.words} seed={self.seed}" if self.code != OP_WAIT else ""
            if self.handles:
                sent = zip(self.value, self.rights)
                text += f" handles={self.handles}:" + ",".join(f"{s}/{r:02x}" for s, r in sent)
            if self.buffers:
                text += f" buffers={self.buffers}"
            return text + f" receive={self.receive:02x}" + DEADLINES[self.deadline]
        return text + f" a={self.a} b={self.b} {list(self.value)} seed={self.seed}"


@dataclass
class Random:
    """xorshift32, as kit_random in tests/user/lib."""

    state: int

    def below(self, n: int) -> int:
        """The next number, 0 .. n - 1."""
        x = self.state or 1
        x ^= x << 13 & MASK
        x ^= x >> 17
        x ^= x << 5 & MASK
        self.state = x
        return x % n


def script_seed(seed: int, number: int) -> int:
    """The generator's start for one script of a run."""
    return ((seed + number * 0x9E3779B9) & MASK) | 1


_EDGES = (0, 3, 4, 16, 63, 64, 65, 70)
_DEADLINES = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 3)
# By code from OP_PORT to OP_EXIT: unbound, bound, serving a caller.
_WEIGHTS = ((3, 6, 6, 10, 3, 2, 24, 14, 6, 2, 1, 1, 8, 7, 4, 3, 1),
            (2, 4, 6, 7, 2, 2, 3, 13, 6, 36, 4, 1, 8, 6, 4, 3, 1),
            (1, 3, 5, 6, 2, 2, 3, 12, 4, 5, 28, 12, 8, 5, 16, 2, 1))
# Operation, what it needs in the table, and what is mostly done without that.
_INSTEAD = ((OP_REPLY, TYPE_REPLY, OP_CALL), (OP_SCHEDULE, TYPE_THREAD, OP_NOTIFY),
            (OP_PORTAL, TYPE_PORT, OP_PORT), (OP_CALL, TYPE_PORTAL, OP_IDENTIFY),
            (OP_NOTIFY, TYPE_PORTAL, OP_PORTAL))


class Generator:
    """Random operations, chosen with an eye on what the model says is there."""

    def __init__(self, model: Model, seed: int) -> None:
        self.model = model
        self.below = Random(seed).below

    # ---- choosing slots ---------------------------------------------------------------------

    def _pick(self, space: int, kind: int, rights: int) -> int:
        start = self.below(SLOTS)
        if self.below(16) == 0:
            return self.below(SLOTS + 2)
        table = self.model.tables[space]
        for i in range(SLOTS):
            entry = table[(start + i) % SLOTS]
            if entry and entry.type == kind and not rights & ~entry.rights:
                return (start + i) % SLOTS
        return start

    def _pick_by_use(self, space: int, used: bool) -> int:
        start = self.below(SLOTS)
        if self.below(16) == 0:
            return self.below(SLOTS + 2)
        table = self.model.tables[space]
        for i in range(SLOTS):
            if (table[(start + i) % SLOTS] is not None) == used:
                return (start + i) % SLOTS
        return start

    # ---- arguments --------------------------------------------------------------------------

    def _word_count(self) -> int:
        kind = self.below(4)
        if kind < 3:
            return self.below((4, 17, 65)[kind])
        return _EDGES[self.below(8)]

    def _wait(self, space: int) -> dict[str, object]:
        deadline = _DEADLINES[self.below(16)]
        receive = self._pick_by_use(space, False)
        receive |= (15 if self.below(4) else self.below(16)) << 4
        return {"deadline": deadline, "receive": receive}

    def _copy_rights(self, space: int, slot: int) -> int:
        entry = self.model.tables[space][slot] if slot < SLOTS else None
        if entry and entry.type == TYPE_PORTAL and self.below(4):
            return RIGHTS_CLIENT
        return 0xFF if self.below(4) else self.below(256)

    def _message(self, space: int) -> dict[str, object]:
        words, seed = self._word_count(), self.below(256)
        handles = buffers = 0
        value, rights = [0] * 4, [0] * 4
        if self.below(4) == 0:
            handles = 1 + self.below(4) if self.below(64) else 5
        for i in range(min(handles, 4)):
            value[i] = self._pick_by_use(space, True)
            rights[i] = self._copy_rights(space, value[i]) & 0x7F
            if self.below(3) == 0:
                rights[i] |= 0x80
        if self.below(3) == 0:
            buffers = 1 + self.below(4) if self.below(64) else 5
        return {"words": words, "seed": seed, "handles": handles, "buffers": buffers,
                "value": tuple(value), "rights": tuple(rights), **self._wait(space)}

    def _portal(self, space: int) -> dict[str, object]:
        a = self._pick(space, TYPE_PORT, RIGHT_CONTROL)
        b = self._pick_by_use(space, False)
        badge, rights = 1 + self.below(255), RIGHTS_CLIENT
        if self.below(8) == 0:
            rights &= self.below(256)
        if self.below(32) == 0:
            rights = self.below(256)
        mask = 0xFF if self.below(4) else self.below(256)
        return {"a": a, "b": b, "value": (badge, rights, mask, 0)}

    def _copy(self, space: int) -> dict[str, object]:
        a, to = self._pick_by_use(space, True), self.below(4)
        b = self._pick_by_use(to if to < SPACES else space, False)
        rights = self._copy_rights(space, a)
        return {"a": a, "b": b, "value": (to, rights, int(self.below(4) == 0), 0)}

    def _victim(self, space: int) -> int:
        kind = (TYPE_PORT, TYPE_THREAD, TYPE_THREAD, TYPE_PORTAL, TYPE_PORTAL,
                TYPE_PORTAL)[self.below(6)]
        return self._pick(space, kind, RIGHT_DESTROY)

    def _data(self, space: int, serving: bool) -> dict[str, object]:
        a = ARG_ZERO
        if self.below(8) == 0 or not serving:
            a = self._pick(space, TYPE_REPLY, 0)
        b = self.below(16)
        if self.below(32) == 0:
            b |= 16
        offset = self.below(8) if self.below(4) else self.below(20)
        length = self.below(9) if self.below(4) else self.below(20)
        return {"a": a, "b": b, "value": (offset, length, 0, 0), "seed": self.below(256)}

    def _arguments(self, code: int, worker: int) -> dict[str, object]:
        space = worker // 2
        if code in (OP_PORT, OP_KEEP):
            return {"a": self._pick_by_use(space, False)}
        if code == OP_PORTAL:
            return self._portal(space)
        if code == OP_CLOSE:
            return {"a": self._pick_by_use(space, True)}
        if code == OP_COPY:
            return self._copy(space)
        if code == OP_IDENTIFY:
            a = self._pick_by_use(space, True)
            b = ARG_ZERO if self.below(2) else self._pick(space, TYPE_PORT, RIGHT_RECEIVE)
            return {"a": a, "b": b}
        if code == OP_DESTROY:
            return {"a": self._victim(space)}
        if code == OP_BIND:
            return {"a": self._pick(space, TYPE_PORT, RIGHT_RECEIVE) if self.below(8)
                    else ARG_ZERO}
        if code == OP_NOTIFY:
            a = self._pick(space, TYPE_PORTAL, RIGHT_NOTIFY)
            return {"a": a, "value": (self.below(256), 0, 0, 0)}
        if code == OP_DATA:
            return self._data(space, self.model.threads[worker].caller is not None)
        if code == OP_SCHEDULE:
            a = self._pick(space, TYPE_THREAD, RIGHT_CONTROL)
            return {"a": a, "value": (PRIORITY_FIRST + self.below(6) if self.below(8) else 64,
                                      0, 0, 0)}
        if code == OP_WAIT:
            return self._wait(space)
        if code == OP_EXIT:
            return {}
        a: dict[str, object] = {}
        if code in (OP_CALL, OP_SEND):
            a = {"a": self._pick(space, TYPE_PORTAL, RIGHT_CALL)}
        elif code == OP_REPLY:
            a = {"a": self._pick(space, TYPE_REPLY, 0)}
        return {**a, **self._message(space)}

    # ---- which operation --------------------------------------------------------------------

    def _has(self, space: int, kind: int) -> bool:
        return any(entry and entry.type == kind for entry in self.model.tables[space])

    def _instead(self, space: int, code: int) -> int:
        for wanted, kind, other in _INSTEAD:
            if code == wanted and not self._has(space, kind) and self.below(8):
                code = other
        return code

    def _choose(self, worker: int) -> int:
        thread, space = self.model.threads[worker], worker // 2
        if not self._has(space, TYPE_PORT) and self.below(3) == 0:
            return OP_PORT
        if not self._has(space, TYPE_PORTAL) and self.below(3) == 0:
            return OP_PORTAL
        if None not in self.model.tables[space] and self.below(2) == 0:
            return OP_CLOSE
        row = _WEIGHTS[2 if thread.caller else 1 if thread.port else 0]
        chosen = self.below(sum(row))
        for code, weight in enumerate(row, OP_PORT):
            if chosen < weight:
                return self._instead(space, code)
            chosen -= weight
        raise AssertionError("the weights do not add up")

    def next(self) -> Operation:
        """The next operation, after the last one has been executed on the model."""
        threads, worker = self.model.threads, self.below(WORKERS)
        if not threads[worker].alive:
            return Operation(OP_SPAWN, worker, value=(PRIORITY_FIRST + self.below(6), 0, 0, 0))
        if self.below(48) == 0:
            to, slot = self.below(SPACES), self.below(SLOTS)
            rights = 0xFF if self.below(2) else self.below(256)
            return Operation(OP_GIVE, worker, b=slot, value=(to, rights, 0, 0))
        if not threads[worker].idle and self.below(12) == 0:
            return Operation(OP_KILL, worker)
        for i in range(WORKERS):
            chosen = (worker + i) % WORKERS
            if threads[chosen].idle:
                code = self._choose(chosen)
                return Operation(code, chosen, **self._arguments(code, chosen))
        return Operation(OP_KILL, worker)
