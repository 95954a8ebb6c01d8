# SPDX-License-Identifier: MIT
"""What only broken kernels brought to light (tests/mutants): gaps of the other tests."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.boot(only=["t_mutants", "true"])

# Topic of t_mutants, and the fewest checks of a complete run.
TOPICS = {"deadlines": 20, "disconnect": 10, "messages": 8, "over": 12, "memory": 9,
          "priority": 15, "helping": 10, "time": 6, "registers": 10}
UART_LINE = 4
CMDLINES = ["", "fastpath=off", "door=gate"]


@pytest.mark.parametrize(("cmdline", "topic"), [
    pytest.param(cmdline, topic, id=f"{cmdline or 'plain'}-{topic}",
                 marks=pytest.mark.boot(cmdline=cmdline))
    for cmdline in CMDLINES for topic in TOPICS])
def test_gaps(shell, cmdline: str, topic: str) -> None:
    report = shell.run_test(f"t_mutants {topic}", timeout=30)
    assert len(report.passed) >= TOPICS[topic], report.passed


def masked_lines(qmp) -> int:
    """The mask of the first interrupt controller."""
    return int(re.search(r"pic0:.*\bimr=([0-9a-f]+)", qmp.hmp("info pic"))[1], 16)


@pytest.mark.qemu_only("looks at the interrupt controller through the monitor")
def test_line_is_masked_until_acknowledged(dut, shell, gdb, qmp) -> None:
    """The UART's line fires once; nothing more comes before its driver has said that it may."""
    gdb.set_breakpoint("sys_irq_ack")
    gdb.resume()
    dut.write(" ")
    gdb.wait_stop(30)
    assert masked_lines(qmp) & 1 << UART_LINE, "unmasked before the acknowledgement"
    gdb.clear_breakpoint("sys_irq_ack")
    gdb.resume()
    shell.exec("true", check=True)
    assert not masked_lines(qmp) & 1 << UART_LINE, "still masked after it"
