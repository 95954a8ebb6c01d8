# SPDX-License-Identifier: MIT
"""What costs the same however much there is of anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from iris_harness.protocol import GuestTest, guest_test
from machine import PATHS, Counted, switch_off, with_server
from stays import Kernel, figure_stays, read_ways

pytestmark = [pytest.mark.release, pytest.mark.qemu_only("instructions are counted by QEMU")]

SERVER = "\n".join(["server bench_scale priority 40 kernel 13600 memory 4096",
                    "  portal 8 console 0", "  portal 13 uart 0"])
MEMORY = 512  # MiB; an eighth is the kernel's pool: 16,384 pages


def run(machine: Counted) -> GuestTest:
    """The report of the server, which runs before there is a shell."""
    machine.dut.expect(r"#test \d+ end bench_scale total=\d+ failed=\d+$\n|FAILED", timeout=60)
    lines = [line for line in machine.dut.console.text.splitlines() if line.startswith("#test")]
    switch_off(machine.dut)
    return guest_test(lines)


@pytest.mark.parametrize("path", ["fast", "c"])
def test_scaling(path: str, counted: Callable, figure: Callable[..., None]) -> None:
    """1 to 10,000 threads, ports, handles, queued callers: the largest cost against the least."""
    metrics = run(counted(PATHS[path], memory=MEMORY, edits=(with_server(SERVER),))).metrics
    costs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for metric in metrics:
        kind, work = metric.parameters["kind"], metric.parameters["work"]
        costs[kind, work].append(metric.value)
        figure("scaling_cost", int(metric.value), "instructions", kind=kind, work=work,
               count=int(metric.parameters["count"]), path=path)
    for (kind, work), values in costs.items():
        assert len(values) >= 4
        figure("scaling", round(max(values) / min(values), 3), "ratio", kind=kind, work=work,
               path=path)


def test_irq_off_in_a_crowd(counted: Callable, build: Path, tmp_path: Path,
                            figure: Callable[..., None]) -> None:
    """The longest stay in the kernel while 10,000 threads come and go."""
    kernel, path = Kernel(build), tmp_path / "stays"
    run(counted(PATHS["fast"], memory=MEMORY, edits=(with_server(SERVER),),
                plugin=[*kernel.boot_options(), f"stretches={path}"]))
    figure_stays(read_ways(path, kernel), figure, "crowd")
