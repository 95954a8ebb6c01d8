# SPDX-License-Identifier: MIT
"""The kernel's IPC against a model of it (ipc_model.py), by all doors, with and without fast path.

`test_random` compares checksums of many generated scripts; what differs is shrunk and explained.
`--seed` repeats a run, `--rounds` says how many scripts. `test_hypothesis` makes scripts of its own
and shrinks them itself. `test_script` are scripts that once found something.
"""

from __future__ import annotations

import re
from collections.abc import Generator

import hypothesis
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings

import ipc_script as s
from ipc_guest import Guest, Prediction
from ipc_objects import ERRORS, EVENT_NOTIFY, TAG_DROPPED, TAG_ERROR, TAG_KERNEL
from ipc_script import Operation

pytestmark = pytest.mark.boot(only=["t_model"])
STEPS = 300  # operations of a script
PATHS = [pytest.param(options, marks=marks, id=name) for name, options, marks in (
    ("sysenter-fast", "", [pytest.mark.boot(cmdline="")]),
    ("sysenter-c", "fastpath=off", [pytest.mark.boot(cmdline="fastpath=off")]),
    ("gate-fast", "door=gate", [pytest.mark.boot(cmdline="door=gate")]),
    ("gate-c", "door=gate fastpath=off", [pytest.mark.boot(cmdline="door=gate fastpath=off")]),
    ("release", "", [pytest.mark.release, pytest.mark.boot(cmdline="")]),
)]


@pytest.fixture
def guest(dut) -> Generator[Guest, None, None]:
    """The interpreter, waiting for scripts."""
    interpreter = Guest(dut)
    yield interpreter
    if dut.alive:
        interpreter.close()


# ---- many random operations ---------------------------------------------------------------------


def explain_difference(dut, seed: int, number: int) -> str:
    """Runs a generated script again, step by step, and shrinks it to what is needed."""
    prediction = Prediction.generated(seed, number, STEPS)
    interpreter = Guest(dut)
    try:
        bad = interpreter.first_difference(prediction)
        if bad is None:
            return "does not happen again when its operations are given one by one"
        script = interpreter.shrink(prediction.operations[:bad + 1])
        shrunk = Prediction.of(script)
        bad = interpreter.first_difference(shrunk)
        if bad is None:
            return "does not happen every time; the script is not shrunk"
        packed = "\n".join(op.packed().hex() for op in shrunk.operations[:bad + 1])
        return f"{interpreter.report(shrunk, bad)}\nfor test_script:\n{packed}"
    finally:
        interpreter.close()


@pytest.mark.parametrize("options", PATHS)
def test_random(dut, seed: int, rounds, options: str, log_metric) -> None:
    scripts, start = rounds(64, bochs=5, soak=1000), seed & 0x7FFFFFFF
    report = dut.shell.run_test(f"t_model run {start} {scripts} {STEPS}")
    sums = {int(match[1]): int(match[2], 16) for text in report.passed
            if (match := re.fullmatch(r"script (\d+) sum ([0-9a-f]{8})", text))}
    assert len(sums) == scripts
    for number, total in sums.items():
        if total != Prediction.generated(start, number, STEPS).sums[-1]:
            pytest.fail(f"script {number} of seed {start} ({options!r}): "
                        + explain_difference(dut, start, number))
    log_metric("model_operations", scripts * STEPS, "operations", options=options or "default")


# ---- what the random operations reach ------------------------------------------------------------

REACHED = {
    "call": {"ok", "handles", "dropped", "EDEADLK", "ETIMEDOUT", "ECANCELED", "EDEAD", "EPERM",
             "EBADF", "EINVAL"},
    "send": {"ok", "EDEADLK", "ETIMEDOUT", "EDEAD"},
    "wait": {"ok", "handles", "dropped", "notify", "disconnect", "ETIMEDOUT", "EDEAD", "EINVAL"},
    "reply_wait": {"ok", "handles", "notify", "disconnect", "ETIMEDOUT", "EDEAD", "EINVAL"},
    "reply": {"ok", "EBADF", "EDEAD"},
    "keep": {"ok", "ENOENT", "EEXIST"},
    "data": {"ok", "EBADF", "ENOENT", "EINVAL", "EPERM"},
    "notify": {"ok", "EBADF", "EDEAD", "EPERM"},
    "copy": {"ok", "EBADF", "EDEAD", "EPERM", "EEXIST", "EINVAL"},
    "close": {"ok", "EBADF"},
    "destroy": {"ok", "EBADF", "EDEAD", "EPERM"},
    "bind": {"ok", "EBADF", "EDEAD", "EPERM"},
    "schedule": {"ok", "EBADF", "EDEAD", "EPERM", "EINVAL"},
}


def _kind(code: int, value: int) -> str:
    """What a result is, in a word."""
    if code not in s.MESSAGES and code != s.OP_WAIT:
        return ERRORS.get(0x100000000 - value, "ok")
    if value & TAG_ERROR:
        return ERRORS[value >> 16]
    if value & TAG_KERNEL:
        return "notify" if value >> 16 == EVENT_NOTIFY else "disconnect"
    if value & TAG_DROPPED:
        return "dropped"
    return "handles" if value & 0x380 else "ok"


def test_the_generator_reaches_every_outcome() -> None:
    reached: dict[str, set[str]] = {}
    for number in range(150):
        prediction = Prediction.generated(1, number, STEPS)
        for worker, results in prediction.results():
            code = worker & 255
            reached.setdefault(s.NAMES[code], set()).add(_kind(code, results[0]))
    missing = {name: kinds - reached.get(name, set()) for name, kinds in REACHED.items()}
    assert not any(missing.values()), {name: kinds for name, kinds in missing.items() if kinds}


# ---- scripts that shrink ------------------------------------------------------------------------


def _slot() -> st.SearchStrategy[int]:
    return st.one_of(st.integers(0, 5), st.integers(0, s.SLOTS + 1))


def _rights(move: bool) -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from([s.RIGHTS_CLIENT, 0x7F] + [0xC3, 0xFF] * move),
                     st.integers(0, 255))


def _operation(code: int, **fields: object) -> st.SearchStrategy[Operation]:
    """Operations of one kind; what is not given is 0."""
    given = {name: value if isinstance(value, st.SearchStrategy) else st.just(value)
             for name, value in fields.items()}
    given |= {"code": st.just(code), "worker": st.integers(0, s.WORKERS - 1)}
    return st.fixed_dictionaries(given).map(lambda chosen: Operation(**chosen))


def _message(code: int) -> st.SearchStrategy[Operation]:
    handles = st.sampled_from([0, 0, 0, 1, 2, 4, 5])
    return _operation(
        code, a=_slot(), words=st.sampled_from([0, 1, 3, 4, 16, 63, 64, 65]), handles=handles,
        deadline=st.sampled_from([0, 0, 0, 1, 2, 3]), buffers=st.sampled_from([0, 0, 0, 2, 4, 5]),
        receive=st.sampled_from([0, 0xF6, 0xF8, 0x36, 0xFA]), seed=st.integers(0, 3),
        value=st.tuples(_slot(), _slot(), _slot(), _slot()),
        rights=st.tuples(*[_rights(True)] * 4))


def _values(*parts: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*parts, *[st.just(0)] * (4 - len(parts)))


BYTE, PRIORITY = st.integers(0, 255), st.integers(s.PRIORITY_FIRST, s.PRIORITY_CEILING)
OPERATIONS = st.one_of(
    _operation(s.OP_PORT, a=_slot()),
    _operation(s.OP_PORTAL, a=_slot(), b=_slot(),
               value=_values(st.integers(1, 255), st.sampled_from([0x43, 1, 2]), BYTE)),
    _operation(s.OP_CLOSE, a=_slot()),
    _operation(s.OP_COPY, a=_slot(), b=_slot(),
               value=_values(st.integers(0, 3), _rights(False), st.integers(0, 1))),
    _operation(s.OP_IDENTIFY, a=_slot(), b=_slot()),
    _operation(s.OP_DESTROY, a=_slot()),
    _operation(s.OP_BIND, a=_slot()),
    _message(s.OP_CALL), _message(s.OP_CALL), _message(s.OP_SEND), _message(s.OP_REPLY_WAIT),
    _message(s.OP_REPLY),
    _operation(s.OP_WAIT, deadline=st.sampled_from([0, 0, 0, 1, 2, 3]),
               receive=st.sampled_from([0, 0xF6, 0xF8])),
    _operation(s.OP_KEEP, a=_slot()),
    _operation(s.OP_NOTIFY, a=_slot(), value=_values(BYTE)),
    _operation(s.OP_DATA, a=st.just(s.ARG_ZERO), b=st.integers(0, 15),
               value=_values(st.integers(0, 17), st.integers(0, 17)), seed=BYTE),
    _operation(s.OP_SCHEDULE, a=_slot(), value=_values(PRIORITY)),
    _operation(s.OP_EXIT),
    _operation(s.OP_KILL),
    _operation(s.OP_SPAWN, value=_values(PRIORITY)),
    _operation(s.OP_GIVE, b=st.integers(0, 5), value=_values(st.integers(0, 2), _rights(False))),
)


def _prelude() -> list[Operation]:
    """A port in each space (slot 0), its portal (1), copies for clients everywhere (2-4), and a
    worker bound to each."""
    script = []
    for space in range(s.SPACES):
        worker = space * 2
        script += [Operation(s.OP_PORT, worker, a=0),
                   Operation(s.OP_PORTAL, worker, a=0, b=1, value=(10 + space, 0x43, 0xFF, 0))]
        script += [Operation(s.OP_COPY, worker, a=1, b=2 + space, value=(to, 0x43, 0, 0))
                   for to in range(s.SPACES)]
        script.append(Operation(s.OP_BIND, worker, a=0))
    return script


SCRIPTS = st.tuples(st.sampled_from([[], _prelude()]), st.lists(OPERATIONS, max_size=40))


@pytest.mark.boot(cmdline="")
def test_hypothesis(guest: Guest, seed: int, rounds) -> None:
    @hypothesis.seed(seed)
    @settings(max_examples=rounds(100, bochs=5, soak=2000), deadline=None, database=None,
              suppress_health_check=list(HealthCheck))
    @hypothesis.given(SCRIPTS)
    def check(parts: tuple[list[Operation], list[Operation]]) -> None:
        guest.check(parts[0] + parts[1])
    check()


# ---- scripts that found something ---------------------------------------------------------------


def _copies(space: int, slots: range) -> list[Operation]:
    return [Operation(s.OP_COPY, 0, a=0, b=slot, value=(space, 0xFF & ~s.RIGHT_RECEIVE, 0, 0))
            for slot in slots]


KNOWN = {
    # Closing the last right to receive, when more entries than one step of destruction handles
    # refer to the port.
    "close-port-of-35-handles":
        [Operation(s.OP_PORT, 0, a=0)] + _copies(0, range(1, 12)) + _copies(1, range(12))
        + _copies(2, range(12)) + [Operation(s.OP_CLOSE, 0, a=0)]
        + [Operation(s.OP_CLOSE, 0, a=slot) for slot in range(1, 12)],
    # The last right to receive, moved by a message to somebody who does not get it.
    "move-port-without-receive":
        _prelude() + [Operation(s.OP_PORT, 2, a=6),
                      Operation(s.OP_WAIT, 0, receive=0xF8),
                      Operation(s.OP_CALL, 2, a=2, handles=1, value=(6, 0, 0, 0),
                                rights=(0xD3, 0, 0, 0)),
                      Operation(s.OP_CLOSE, 0, a=8)],
    # A budget that was parked in a circle: two threads of one port, one calls the other, which
    # calls that very port; then a third one serves it.
    "circle-through-a-port-of-two":
        _prelude() + [Operation(s.OP_COPY, 0, a=0, b=5, value=(1, 0xFF, 0, 0)),
                      Operation(s.OP_BIND, 1, a=0), Operation(s.OP_WAIT, 0),
                      Operation(s.OP_CALL, 1, a=2), Operation(s.OP_BIND, 0, a=0),
                      Operation(s.OP_CALL, 0, a=2), Operation(s.OP_BIND, 2, a=5),
                      Operation(s.OP_WAIT, 2)],
    # A thread that ends on the budget of somebody who helps it.
    "exit-while-helped":
        _prelude() + [Operation(s.OP_CALL, 1, a=2), Operation(s.OP_EXIT, 0)],
    # An event while nobody queues does not give the next queued caller precedence over the next
    # event, on the fast path as on the other.
    "event-then-caller-then-event":
        _prelude() + [Operation(s.OP_BIND, 1, a=0), Operation(s.OP_WAIT, 0),
                      Operation(s.OP_CALL, 2, a=2), Operation(s.OP_WAIT, 1),
                      Operation(s.OP_NOTIFY, 4, a=2, value=(1, 0, 0, 0)),
                      Operation(s.OP_REPLY_WAIT, 0), Operation(s.OP_CALL, 2, a=2),
                      Operation(s.OP_CALL, 3, a=2),
                      Operation(s.OP_NOTIFY, 4, a=2, value=(2, 0, 0, 0)),
                      Operation(s.OP_WAIT, 1)],
    # A chain that went on after a budget was parked where it had ended: the only thread of port 5
    # queues at a port that nobody serves, a caller helps it, then somebody binds himself there,
    # and another thread of port 5 receives the caller.
    "chain-that-went-on":
        [Operation(s.OP_PORT, 4, a=7), Operation(s.OP_PORT, 1, a=9),
         Operation(s.OP_PORTAL, 5, a=7, b=1, value=(197, 67, 68, 0)),
         Operation(s.OP_COPY, 1, a=9, b=3, value=(1, 255, 0, 0)),
         Operation(s.OP_COPY, 1, a=9, b=10, value=(2, 255, 0, 0)),
         Operation(s.OP_BIND, 4, a=10), Operation(s.OP_CALL, 4, a=1, words=1),
         Operation(s.OP_PORTAL, 2, a=3, b=6, value=(200, 67, 255, 0)),
         Operation(s.OP_CALL, 2, a=6), Operation(s.OP_BIND, 0, a=9),
         Operation(s.OP_BIND, 5, a=7), Operation(s.OP_WAIT, 0)],
}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("options", PATHS[:4])
def test_script(guest: Guest, name: str, options: str) -> None:
    guest.check(KNOWN[name])
