# SPDX-License-Identifier: MIT
"""What an observation of the model-based test says, in words: for the report of a difference."""

from __future__ import annotations

from ipc_objects import DEAD, ERRORS, TAG_DROPPED, TAG_ERROR, TAG_KERNEL
from ipc_script import (
    MESSAGES, NAMES, OP_DATA, OP_GIVE, OP_WAIT, SLOTS, SPACES, WORKERS, Operation)

_STATES = "new ready waiting queued calling kept halted dead".split()
_TYPES = "dead space thread port portal reply irq memory io kernel".split()


def _object(number: int) -> str:
    if number == 0:
        return "-"
    if number <= WORKERS:
        return f"w{number - 1}"
    return {14: "control", 15: "?", 0xFF: "?"}.get(number, f"#{number}")


def _message(tag: int, badge: int, total: int, received: int) -> str:
    label, words, handles, buffers = tag >> 16, tag & 0x7F, tag >> 7 & 7, tag >> 10 & 7
    if tag & TAG_ERROR:
        return ERRORS.get(label, f"error {label}")
    kind = "event " if tag & TAG_KERNEL else ""
    dropped = " dropped" if tag & TAG_DROPPED and not tag & TAG_KERNEL else ""
    return (f"{kind}label {label:#x}, {words} words (sum {total:08x}), {handles} handles "
            f"(received {received:x}){dropped}, {buffers} buffers, badge {badge}")


def _result(code: int, value: int, badge: int, total: int, received: int) -> str:
    if code in MESSAGES or code == OP_WAIT:
        return _message(value, badge, total, received)
    text = ERRORS.get(0x100000000 - value, "ok" if value == 0 else f"{value:#x}")
    if badge or total or received:
        text += f" ({badge:#x} {total:#x} {received:#x})"
    return text


def _state(first: int, second: int) -> str:
    def number(shift: int, mask: int) -> str:
        return _object(first >> shift & mask)
    return (f"{_STATES[first & 7]} bound {number(4, 255)} port {number(12, 255)} "
            f"partner {number(20, 15)} caller {number(24, 15)} budget {number(28, 15)} "
            f"priority {second & 255} partner's space {second >> 8 & 15}")


def _handle(word: int) -> str:
    if not word:
        return "empty"
    return f"{_TYPES[word >> 8 & 15]} {_object(word >> 12 & 0x7FFFF)} rights {word & 255:02x}"


def explain(op: Operation, seen: list[int]) -> dict[str, str]:
    """An observation as facts by name."""
    if seen[:1] != [1]:
        return {"step": "not done"}
    facts, at = {"step": "done"}, 1
    while at + 5 <= len(seen) and seen[at] >> 16 == 0xC0DE:
        worker, code = seen[at] >> 8 & 255, seen[at] & 255
        facts[f"w{worker} {NAMES[code]}"] = _result(code, *seen[at + 1:at + 5])
        at += 5
    if op.code in (OP_GIVE, OP_DATA):
        facts["given" if op.code == OP_GIVE else "pools"] = f"{seen[at]:#x}"
        at += 1
    for worker in range(WORKERS):
        if seen[at] == DEAD:
            facts[f"w{worker} state"] = "dead"
            at += 1
        else:
            facts[f"w{worker} state"] = _state(*seen[at:at + 2])
            at += 2
    for space in range(SPACES):
        for slot in range(SLOTS):
            facts[f"space {space} slot {slot}"] = _handle(seen[at])
            at += 1
    return facts


def differences(op: Operation, predicted: list[int], seen: list[int]) -> list[str]:
    """Lines that tell what the model said and what the kernel did."""
    try:
        should, does = explain(op, predicted), explain(op, seen)
    except IndexError:
        return [f"garbled observation: {seen}"]
    return [f"{name}: should be {should.get(name, 'nothing')}; is {does.get(name, 'nothing')}"
            for name in {**should, **does} if should.get(name) != does.get(name)]
