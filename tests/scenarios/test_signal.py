# SPDX-License-Identifier: MIT
"""Signals: handlers and their flags, masks, faults, interrupted calls, children, storms."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["t_signal"])
CHECKS = 90


def test_signal(shell, rounds, log_metric) -> None:
    report = shell.run_test(f"t_signal {rounds(200, bochs=50, soak=20000)}", timeout=240)
    assert len(report.passed) >= CHECKS, report.passed
    for metric in report.metrics:
        log_metric(metric.name, metric.value, metric.unit)
