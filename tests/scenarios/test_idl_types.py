# SPDX-License-Identifier: MIT
"""Row 49 in the running system: a round trip of every type of the interface language between two
threads, answers given later, handles both ways; wrong narrow refused."""

from __future__ import annotations

from iris_harness.protocol import guest_test


def test_idl_types(shell) -> None:
    report = guest_test(shell.exec("idl_types").lines)
    assert len(report.passed) > 80
    assert any("wrong narrow is refused" in text for text in report.passed)
