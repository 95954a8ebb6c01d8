# SPDX-License-Identifier: MIT
"""Starting programs and waiting for them: files, groups, ends, stops; nothing stays behind."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.user_space, pytest.mark.boot(only=["t_spawn", "true"])]
CHECKS = 175


def test_spawn(shell) -> None:
    report = shell.run_test("t_spawn", timeout=240)
    assert len(report.passed) >= CHECKS, report.passed


def test_spawn_leaves_nothing(shell, rounds) -> None:
    shell.run_test(f"t_spawn flat {rounds(500, bochs=10, soak=10000)}", timeout=600)
