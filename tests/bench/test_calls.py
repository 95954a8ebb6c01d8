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
    """The least of many rounds, the same in two boots."""
    runs = []
    for _ in range(2):
        machine = counted(PATHS[path])
        runs.append(machine.dut.shell.run_test(f"bench_calls {ROUNDS}").metrics)
        switch_off(machine.dut)
    assert runs[0] == runs[1], "two runs differ"
    for metric in runs[0]:
        parameters = {key: int(value) if value.isdigit() else value
                      for key, value in metric.parameters.items()}
        figure(metric.name, int(metric.value), metric.unit, **parameters, path=path)
