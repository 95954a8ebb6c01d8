# SPDX-License-Identifier: MIT
"""A call and its answer, in instructions, privileged events and cache lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from machine import PATHS, switch_off

pytestmark = [pytest.mark.release, pytest.mark.qemu_only("instructions are counted by QEMU")]

ROUNDS = 400
MARKED = 16  # rounds of each kind between marks, in tests/user/bench_ipc
PRIVILEGED = ("sysenter", "sysexit", "int", "iret", "cr3_writes", "segment_loads", "segment_reads")
MEMORY = ("reads", "writes", "data_lines", "code_lines", "data_pages", "code_pages")


@pytest.mark.parametrize("path", PATHS)
def test_round_trip(path: str, counted: Callable, figure: Callable[..., None]) -> None:
    """The least of many rounds, the same in two boots; kernel's and user's part by the plugin."""
    machine = counted(PATHS[path])
    first = machine.dut.shell.run_test(f"bench_ipc {ROUNDS}").metrics
    switch_off(machine.dut)
    machine = counted(PATHS[path], plugin=["lines=on"])
    second = machine.dut.shell.run_test(f"bench_ipc {ROUNDS}").metrics
    assert [(m.parameters, m.value) for m in first] == [(m.parameters, m.value) for m in second]
    windows = machine.windows()
    assert len(windows) == MARKED * len(first)
    for index, metric in enumerate(first):
        rounds = windows[MARKED * index:MARKED * (index + 1)]
        least = min(rounds, key=lambda window: (window["instructions"], window["data_lines"]))
        # The marks stand where the clock was read: two ways to count that must agree, but for where
        # the compiler puts the moves of arguments.
        assert abs(least["instructions"] - metric.value) <= 8, (metric, least)
        record(figure, int(metric.value), least, {
            "words": int(metric.parameters["words"]), "spaces": int(metric.parameters["spaces"]),
            "path": path})


def record(figure: Callable[..., None], total: int, window: dict, parameters: dict) -> None:
    """The figures of one kind of round trip."""
    figure("ipc_roundtrip", total, "instructions", **parameters, part="total")
    figure("ipc_roundtrip", window["kernel"], "instructions", **parameters, part="kernel")
    figure("ipc_roundtrip", total - window["kernel"], "instructions", **parameters, part="user")
    events = window["events"]
    counts = {
        **{event: events.get(event, 0) for event in PRIVILEGED},
        "msr_accesses": events.get("msr_reads", 0) + events.get("msr_writes", 0),
        "cr0_accesses": sum(events.get(name, 0) for name in ("cr0_reads", "cr0_writes", "clts")),
        **{event: window[event] for event in MEMORY},
    }
    for event, count in counts.items():
        figure("ipc_events", count, "per round trip", event=event, **parameters)
