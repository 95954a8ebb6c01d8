# SPDX-License-Identifier: MIT
"""QNX's calls: <sys/neutrino.h> and what stands on it."""

from __future__ import annotations


def test_qnx_messages(shell) -> None:
    """Messages of any length and shape, answers from any thread, pulses, and attacks on numbers."""
    report = shell.run_test("t_qnx")
    assert len(report.passed) > 60
