# SPDX-License-Identifier: MIT
"""Files: /tmp in memory, /dev, and the C library on the interface `file`."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.user_space, pytest.mark.boot(only=["t_files"])]

# Topic of t_files, and the fewest checks of a complete run.
TOPICS = {"opening": 55, "contents": 36, "entries": 45, "devices": 35, "attacks": 22,
          "locks": 42}


@pytest.mark.parametrize("topic", TOPICS)
def test_topic(shell, topic: str) -> None:
    report = shell.run_test(f"t_files {topic}", timeout=240)
    assert len(report.passed) >= TOPICS[topic], report.passed


@pytest.mark.boot(memory=32)
def test_small_machine(shell) -> None:
    """The room is bounded: what does not fit is refused, and nothing is lost by it."""
    report = shell.run_test("t_files exhaustion", timeout=240)
    assert len(report.passed) >= 6, report.passed
