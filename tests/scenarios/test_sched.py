# SPDX-License-Identifier: MIT
"""Time: budgets with a period, news of their depletion, helping past it, lending.

By both doors, with the fast path and without, in both emulators. Rows 28, 37, 52. In QEMU with
counted instructions: time that the host takes away would look like time that a budget used.
"""

from __future__ import annotations

import pytest

from kernel_programs import Program, run

PROGRAM = Program("t_sched", None, 100)


@pytest.mark.parametrize("cmdline", [
    pytest.param(cmdline, marks=pytest.mark.boot(cmdline=cmdline, icount=True),
                 id=cmdline.replace(" ", ",") or "plain")
    for cmdline in ["", "fastpath=off", "door=gate", "door=gate fastpath=off"]])
def test_program(shell, rounds, cmdline: str) -> None:
    run(shell, PROGRAM, rounds)


@pytest.mark.release
@pytest.mark.boot(icount=True)
@pytest.mark.qemu_only("a smoke test of the other build")
def test_release(shell, rounds) -> None:
    run(shell, PROGRAM, rounds)


@pytest.mark.boot(icount=True)
@pytest.mark.qemu_only("counts instructions")
def test_share_is_kept(shell, log_metric) -> None:
    """Row 52: a hog cannot cut a guaranteed share by more than 1 %, with a server or without."""
    report = shell.run_test("t_sched exact", timeout=180)
    lost = [metric for metric in report.metrics if metric.name == "share_lost"]
    assert len(lost) == 5
    for metric in lost:
        log_metric("share_lost", metric.value, "1/10000")
        assert metric.value <= 100
