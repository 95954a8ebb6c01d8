# SPDX-License-Identifier: MIT
"""The clock through the vDSO: monotonic, whatever its counter does. Row 13, attack 35."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["sleep", "t_clock", "t_rtc", "uptime"])


def run(shell) -> list[str]:
    """The program's checks that passed."""
    report = shell.run_test("t_clock", timeout=120)
    assert len(report.passed) >= 40, report.passed
    return report.passed


def test_clock(shell) -> None:
    """Odd deadlines; in QEMU the low half of the counter wraps meanwhile."""
    run(shell)


@pytest.mark.boot(icount=0)
@pytest.mark.qemu_only("counts instructions")
def test_low_half_wraps(shell) -> None:
    """At one tick a nanosecond the low half of the counter wraps within 4.3 s."""
    assert any("over the wrap" in text for text in run(shell))


@pytest.mark.boot(cmdline="tsc=wrap")
@pytest.mark.bochs_only("QEMU's counter cannot be set")
def test_counter_wraps(shell) -> None:
    """The counter is set so that all 64 bits of it wrap: clock and deadlines do not notice."""
    passed = run(shell)
    wrapped = [text for text in passed if "over the wrap from ffffffff to 0:" in text]
    assert wrapped, passed
    assert shell.exec("sleep 0.1", check=True).status == 0
    up = shell.exec("uptime", check=True).text
    assert up.startswith("up 0 days, 00:0"), up


@pytest.mark.qemu_only("Bochs' clock moves by an hour when it is set")
def test_clock_of_the_hardware(shell) -> None:
    """The rtc driver agrees with the system's clock, ticks by interrupt, and can be set."""
    shell.run_test("t_rtc", timeout=60)
