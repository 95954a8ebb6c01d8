# SPDX-License-Identifier: MIT
"""Pipes between threads and processes; poll and select."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["cat", "t_pipe"])


def test_pipes(shell) -> None:
    report = shell.run_test("t_pipe", timeout=240)
    assert len(report.passed) >= 45, report.passed
