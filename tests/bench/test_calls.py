# SPDX-License-Identifier: MIT
"""Everything that is no round trip: calls, faults, creation, memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from machine import PATHS, switch_off

pytestmark = [pytest.mark.release, pytest.mark.qemu_only("instructions are counted by QEMU")]

ROUNDS = 400


@pytest.mark.parametrize("path", ["fast", "c"])
def test_calls(path: str, counted: Callable, figure: Callable[..., None]) -> None:
    """The least of many rounds, in two boots: when a disk of QEMU's answers is the host's business,
    so the boots come to the measurements at different times, with other timers running."""
    runs = []
    for _ in range(2):
        machine = counted(PATHS[path])
        runs.append(machine.dut.shell.run_test(f"bench_calls {ROUNDS}").metrics)
        switch_off(machine.dut)
    for metric, again in zip(*runs, strict=True):
        assert (metric.name, metric.parameters) == (again.name, again.parameters)
        assert abs(metric.value - again.value) <= metric.value / 100, "two runs differ"
        parameters = {key: int(value) if value.isdigit() else value
                      for key, value in metric.parameters.items()}
        least = min(int(metric.value), int(again.value))
        figure(metric.name, least, metric.unit, **parameters, path=path)
