# SPDX-License-Identifier: MIT
"""Attack 43: random kernel calls. A batch that fails is named; `t_fuzz SEED 1` makes it again."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["t_fuzz"])
CMDLINES = ["", "door=gate fastpath=off"]
LONGEST = 300  # seconds, in the longest runs: ten minutes in all


@pytest.mark.parametrize("cmdline", [
    pytest.param(cmdline, id=cmdline.replace(" ", ",") or "plain",
                 marks=pytest.mark.boot(cmdline=cmdline)) for cmdline in CMDLINES])
def test_fuzz(shell, seed: int, rounds, emulator_name: str, log_metric, cmdline: str) -> None:
    seconds = min(rounds(30, soak=LONGEST), LONGEST)
    batches = 2 if emulator_name == "bochs" else 1000000
    report = shell.run_test(f"t_fuzz {seed & 0x3fffffff} {batches} {seconds}",
                            timeout=seconds + 60)
    assert len(report.passed) >= 2, report.passed
    report.log_metrics(log_metric, door=cmdline or "plain")
