# SPDX-License-Identifier: MIT
"""An idle system is idle: the processor halts, nobody works."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.boot(only=["head", "sleep", "t_idle", "true"])


@pytest.mark.boot(icount=0)
@pytest.mark.qemu_only("instructions are counted exactly only there")
def test_driver_executes_nothing_when_idle(shell) -> None:
    """In 10 virtual seconds with nothing to do, the UART driver gets not one nanosecond, and that
    is how long an instruction takes here. Nor does any other server that is not asked for it."""
    report = shell.run_test("t_idle 10", timeout=60)
    assert any("uart" in text for text in report.passed)


@pytest.mark.bochs_only("QEMU does it with exact counts above")
def test_driver_gets_no_time_when_idle(shell) -> None:
    shell.run_test("t_idle 2", timeout=30)


def processor_seconds(process: int) -> float:
    """The time a process of the host has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.qemu_only("Bochs emulates a halted processor at full speed")
def test_processor_halts_at_the_prompt(dut, shell, qmp) -> None:
    shell.exec("true", check=True)
    before = processor_seconds(dut.emulator.process.pid)
    dut.not_expect(r".", timeout=2.0)  # watches the silence for that long
    used = processor_seconds(dut.emulator.process.pid) - before
    assert used < 0.2, f"{used:.2f} s of 2 s at an idle prompt"
    halted = sum("HLT=1" in qmp.hmp("info registers") for _ in range(20))
    assert halted >= 19, f"the processor was halted in {halted} looks of 20"


@pytest.mark.qemu_only("Bochs emulates a halted processor at full speed")
def test_processor_halts_while_a_program_sleeps(dut, shell) -> None:
    before = processor_seconds(dut.emulator.process.pid)
    shell.exec("sleep 2", timeout=10, check=True)
    assert processor_seconds(dut.emulator.process.pid) - before < 0.4
