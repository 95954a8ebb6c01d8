# SPDX-License-Identifier: MIT
"""The behaviours of tests/posix, with the host's C library and on Iris: README.md beside this."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import subprocess
import termios
from pathlib import Path

import pytest
from iris_harness.protocol import guest_test

HERE = Path(__file__).parent
PROGRAM = HERE.parent.parent / "build" / "test" / "posix"
BEHAVIOUR = re.compile(r'^BEHAVIOUR\((\w+),\s*"((?:[^"\\]|\\.)*)"\)', re.MULTILINE)
LISTED = {path.stem: [text for _, text in BEHAVIOUR.findall(path.read_text())]
          for path in sorted(HERE.glob("*.c"))}
GROUPS = [group for group, texts in LISTED.items() if texts]
# What the C library has to have, at least twenty behaviours each.
NAMED = ["files", "stat", "pipes", "descriptors", "environment", "processes", "signals", "poll",
         "time", "memory", "texts", "terminals", "threads", "locks", "semaphores", "queues",
         "storage", "records"]
DOCUMENT = HERE.parent.parent / "docs" / "posix.md"
GAP = re.compile(r"`(\w+)`: (E[A-Z0-9]+)")
SECTION = re.compile(r"(XSH|XBD) [\w.]+(, [\w.]+)*: .|getrandom\(2\): .")


def test_count() -> None:
    """At least 300 behaviours, at least 20 of each group, each naming its section, none twice."""
    assert sorted(GROUPS) == sorted(NAMED)
    texts = [text for group in GROUPS for text in LISTED[group]]
    assert len(texts) >= 300
    assert {group: len(LISTED[group]) for group in GROUPS if len(LISTED[group]) < 20} == {}
    assert [text for text in texts if not SECTION.match(text)] == []
    assert len(texts) == len(set(texts))
    assert all(path.read_text().count("BEHAVIOUR(") == len(LISTED[path.stem])
               for path in HERE.glob("*.c"))


def run_on_terminal(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the host's program with a terminal of its own as standard input."""
    master, slave = pty.openpty()
    try:
        return subprocess.run([str(PROGRAM), *arguments], stdin=slave, capture_output=True,
                              text=True, timeout=120, check=False, start_new_session=True,
                              preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("group", GROUPS)
def test_host(group: str) -> None:
    """The same source passes with the host's C library."""
    done = run_on_terminal(group)
    report = guest_test(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(report.passed) == sorted(LISTED[group])


@pytest.mark.user_space
@pytest.mark.boot(only=["posix", "t_gaps"])
@pytest.mark.parametrize("group", GROUPS)
def test_iris(shell, group: str) -> None:
    """And with Iris' own."""
    report = shell.run_test(f"posix {group}", timeout=60)
    assert sorted(report.passed) == sorted(LISTED[group])


@pytest.mark.user_space
@pytest.mark.boot(only=["posix", "t_gaps"])
def test_gaps(shell) -> None:
    """What docs/posix.md says is not there gives the error that it names, and nothing else does."""
    rows = [line.split(" | ") for line in DOCUMENT.read_text().splitlines()
            if line.startswith("| ") and line.endswith("|")]
    missing = " ; ".join(row[-1] for row in rows[1:])
    told = GAP.findall(missing)
    assert len(told) > 10
    assert len(re.findall(r"\bE[A-Z0-9]{3,}\b", missing)) == len(told), "an error without a call"
    report = shell.run_test("t_gaps", timeout=60)
    assert sorted(report.passed) == sorted(f"{name} {error}" for name, error in told)
