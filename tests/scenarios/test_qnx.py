# SPDX-License-Identifier: MIT
"""QNX's calls: <sys/neutrino.h> and what stands on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.boot(only=["man", "t_qnx", "t_qnx_dispatch", "t_qnx_files", "t_qnx_names",
                                    "t_qnx_sample"])


GROUPS = {"channels": 30, "messages": 45, "pulses": 40, "time": 60, "threads": 45, "sync": 25,
          "attacks": 30, "priority": 2}


@pytest.mark.parametrize("group", GROUPS)
def test_qnx_calls(shell, group: str) -> None:
    """Each family of calls within one process: what works, and what fails with which number."""
    assert len(shell.run_test(f"t_qnx {group}").passed) >= GROUPS[group]


def test_qnx_dispatch(shell) -> None:
    """Functions for messages and pulses, pools of threads, files' attributes, select_attach."""
    assert len(shell.run_test("t_qnx_dispatch").passed) > 90


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
    header = (ROOT / "libc/include/sys/neutrino.h").read_text()
    header += (ROOT / "libc/include/sys/dispatch.h").read_text()
    calls = set(re.findall(r"_NTO_CALL\(\w+,\s*(\w+)", header))
    calls |= set(re.findall(r"^\w[\w ]*?[ *](\w+)(?<!_t)\((?!\*)", header, re.M))
    pages = {name for page in (ROOT / "docs/man").glob("*.txt")
             for name in page.read_text().splitlines()[0].split()[1:]}
    assert len(calls) > 80 and calls - {"name"} <= pages  # the macro's own
    assert "pulses and events" in shell.exec("man MsgSendPulse").text
    assert "interrupts as events" in shell.exec("man InterruptWait").text
    assert "mutexes" in shell.exec("man SyncSemPost").text
    assert "no page" in shell.exec("man MsgNothing", check=False).text
