# SPDX-License-Identifier: MIT
"""POSIX threads from inside."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["t_pthread", "t_timer"])


def test_pthread(shell, rounds) -> None:
    """Create and join, cancellation, mutexes of all kinds, contention, priorities, exhaustion."""
    report = shell.run_test(f"t_pthread {rounds(300, bochs=10, soak=10000)}")
    assert len(report.passed) > 150


def test_timer(shell) -> None:
    """Timers by thread and in silence, semaphores with and without names, mprotect."""
    report = shell.run_test("t_timer")
    assert len(report.passed) > 30
