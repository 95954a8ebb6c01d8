# SPDX-License-Identifier: MIT
"""A call and its answer, in instructions, privileged events and cache lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from machine import switch_off

pytestmark = [pytest.mark.release, pytest.mark.qemu_only("instructions are counted by QEMU")]

ROUNDS = 400
MARKED = 16  # rounds of each kind between marks, in tests/user/bench_ipc
CONFIGURATIONS = [
    pytest.param("door=sysenter fastpath=on", id="sysenter"),
    pytest.param("door=sysenter fastpath=off", id="sysenter-slow"),
    pytest.param("door=gate fastpath=on", id="gate"),
    pytest.param("door=gate fastpath=off", id="gate-slow"),
]


@pytest.mark.parametrize("cmdline", CONFIGURATIONS)
def test_round_trip(cmdline: str, counted: Callable, figure: Callable[..., None]) -> None:
    """The least of many rounds, the same in two boots."""
    options = dict(word.split("=") for word in cmdline.split())
    runs = []
    for _ in range(2):
        machine = counted(cmdline)
        runs.append(machine.dut.shell.run_test(f"bench_ipc {ROUNDS}", timeout=120).metrics)
        if len(runs) == 1:
            switch_off(machine.dut)
    for metric in runs[0]:
        parameters = {**metric.parameters, "words": int(metric.parameters["words"]), **options}
        figure(metric.name, metric.value, metric.unit, **parameters)
    first, second = ([(m.parameters["spaces"], m.parameters["words"], m.value) for m in run]
                     for run in runs)
    assert first == second, "two runs differ"


@pytest.mark.parametrize("cmdline", CONFIGURATIONS[:2])
def test_round_trip_events(cmdline: str, counted: Callable, figure: Callable[..., None]) -> None:
    """What a round trip does beside executing instructions; seen from outside, by the plugin."""
    options = dict(word.split("=") for word in cmdline.split())
    machine = counted(cmdline, plugin=["lines=on"])
    metrics = machine.dut.shell.run_test("bench_ipc 20", timeout=120).metrics
    windows = machine.windows()
    assert len(windows) == MARKED * len(metrics)
    for index, metric in enumerate(metrics):
        rounds = windows[MARKED * index:MARKED * (index + 1)]
        least = min(rounds, key=lambda window: (window["instructions"], window["data_lines"]))
        # The marks stand where the clock was read: two ways to count that must agree, but for where
        # the compiler puts the moves of arguments.
        assert abs(least["instructions"] - metric.value) <= 8, (metric, least)
        if metric.parameters["words"] in ("0", "3", "16", "63"):
            record(figure, least, {**metric.parameters, **options,
                                   "words": int(metric.parameters["words"])})


def record(figure: Callable[..., None], window: dict, parameters: dict) -> None:
    """The figures of one kind of round trip."""
    parameters = {key: value for key, value in parameters.items() if key not in ("rounds", "mean")}
    events = window["events"]
    for name in ("kernel", "user"):
        figure(f"ipc_{name}", window[name], "instructions", **parameters)
    for name in ("reads", "writes", "data_lines", "code_lines"):
        figure(f"ipc_{name}", window[name], name.split("_")[-1], **parameters)
    for name in ("sysenter", "sysexit", "int", "iret", "cr3_writes", "segment_loads"):
        figure(f"ipc_{name}", events.get(name, 0), "events", **parameters)
    figure("ipc_msr_cr0_accesses", sum(events.get(name, 0) for name in (
        "msr_reads", "msr_writes", "cr0_reads", "cr0_writes", "clts")), "events", **parameters)
