# SPDX-License-Identifier: MIT
"""QNX's calls: <sys/neutrino.h> and what stands on it."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["man", "t_qnx", "t_qnx_files", "t_qnx_names", "t_qnx_sample"])


def test_qnx_messages(shell) -> None:
    """Messages of any length and shape, answers from any thread, pulses, and attacks on numbers."""
    report = shell.run_test("t_qnx")
    assert len(report.passed) > 60


def test_qnx_names(shell) -> None:
    """A server and its clients in several processes; each is killed while the other waits."""
    report = shell.run_test("t_qnx_names")
    assert len(report.passed) > 25


def test_qnx_files(shell) -> None:
    """A resource manager in the classic style, used by open, read, write, stat, devctl."""
    report = shell.run_test("t_qnx_files")
    assert len(report.passed) > 30


def test_qnx_manual(shell) -> None:
    """Every family of functions has a page, and every function finds its own."""
    assert "pulses and events" in shell.exec("man MsgSendPulse").text
    assert "pulses and events" in shell.exec("man MsgDeliverEvent").text
    assert "no page" in shell.exec("man MsgNothing", check=False).text
