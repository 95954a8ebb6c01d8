# SPDX-License-Identifier: MIT
"""Attacks 10 to 12: who exhausts its account gets an error, nobody else notices, all comes back."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["t_exhaust"])


@pytest.mark.parametrize("cmdline", [
    pytest.param(cmdline, id=cmdline or "plain", marks=pytest.mark.boot(cmdline=cmdline))
    for cmdline in ("", "fastpath=off", "door=gate")])
def test_exhaust(shell, cmdline: str) -> None:
    report = shell.run_test("t_exhaust", timeout=60)
    assert len(report.passed) >= 60, report.passed
