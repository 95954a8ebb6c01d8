# SPDX-License-Identifier: MIT
"""What programs and servers are made of: generated stubs and dispatchers, and libiris."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["idl_types", "t_libiris"])


def test_idl_types(shell) -> None:
    """Row 49: a round trip of every type of the interface language between two threads, answers
    given later, handles both ways; wrong narrow refused."""
    report = shell.run_test("idl_types")
    assert len(report.passed) > 80
    assert any("wrong narrow is refused" in text for text in report.passed)


def test_libiris(shell) -> None:
    """Threads with their own storage, hundreds of handles, clients told apart by badge."""
    shell.run_test("t_libiris")
