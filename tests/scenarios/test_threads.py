# SPDX-License-Identifier: MIT
"""POSIX threads from inside."""

from __future__ import annotations


def test_pthread(shell, rounds) -> None:
    """Create and join, cancellation, mutexes of all kinds, contention, priorities, exhaustion."""
    report = shell.run_test(f"t_pthread {rounds(300, bochs=10, soak=10000)}")
    assert len(report.passed) > 150
