# SPDX-License-Identifier: MIT
"""How soon an interrupt is heard: from entry to driver, and how long it may have to wait."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from stays import Kernel, figure_stays, read_ways
from machine import switch_off, with_server

pytestmark = [pytest.mark.release, pytest.mark.qemu_only("instructions are counted by QEMU")]

CLOCK = "\n".join(["server bench_irq priority 56 kernel 24 memory 64",
                   "  irq 11 8", "  io 0x70 2"])
INTERRUPTS = 50  # with the processor idle, and as many with it busy; tests/user/bench_irq
MARK_MOST = 24  # user instructions between the driver's first one and its mark
WORKLOAD = ["bench_ipc 20", "bench_calls 20", "t_memory", "t_threads", "t_handles", "t_death",
            "t_buffers", "t_libiris", "idl_types", "t_flood", "t_attack_entry",
            "t_attack_pointers"]


def test_irq_wakeup(counted: Callable, build: Path, figure: Callable[..., None]) -> None:
    """From the interrupt's first instruction in the kernel to the driver's first one; the same in
    two boots."""
    stub = Kernel(build).symbols.lookup("stub_irq_8")
    runs = []
    for _ in range(2):
        machine = counted(plugin=[f"from={stub:#x}"], edits=(with_server(CLOCK),))
        machine.dut.expect_exact("boot: server bench_irq ... ok")
        switch_off(machine.dut)
        windows = machine.windows()
        assert len(windows) == 2 * INTERRUPTS
        # Nobody else ran meanwhile.
        assert all(window["user"] <= MARK_MOST for window in windows)
        runs.append([window["kernel"] for window in windows])
    for cpu, counts in (("idle", runs[0][:INTERRUPTS]), ("busy", runs[0][INTERRUPTS:])):
        figure("irq_wakeup", min(counts), "instructions", cpu=cpu, info={"largest": max(counts)})
    assert runs[0] == runs[1], "two runs differ"


def test_irq_off_max(counted: Callable, build: Path, tmp_path: Path,
                     figure: Callable[..., None]) -> None:
    """The longest stay in the kernel, by every entry, over the programs that use it hardest."""
    kernel, path = Kernel(build), tmp_path / "stays"
    machine = counted(plugin=[*kernel.boot_options(), f"stretches={path}"])
    for command in WORKLOAD:  # whether they pass is the matter of `make test`
        assert "begin" in machine.dut.shell.exec(command).text, command
    figure_stays(read_ways(path, kernel), figure, "programs")
