# SPDX-License-Identifier: MIT
"""Row 27: a running program with two threads that exchange messages is turned into bytes, killed,
and made anew from those bytes; it goes on, and its checksums are right.

The bytes are held in the memory of the program that makes checkpoints: there is no file system yet
that could be written to.
"""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.boot(only=["checkpoint", "false", "t_counting", "true"])
LINE = re.compile(r"checkpoint (\d+): (\d+) threads, (\d+) ports, (\d+) handles, (\d+) pages, "
                  r"(\d+) calls cut, (\d+) bytes")


@pytest.mark.parametrize("options", ["", "-i "], ids=["patient", "impatient"])
@pytest.mark.boot(cmdline="")
def test_counting_goes_on(shell, rounds, options: str) -> None:
    times = rounds(5, bochs=3, soak=200)
    exchanges = rounds(400_000, bochs=30_000, soak=20_000_000)
    every = rounds(25, bochs=15, soak=25)
    command = f"checkpoint {options}-n {times} -e {every} t_counting {exchanges}"
    result = shell.exec(command, timeout=300, check=True)
    made = [tuple(int(n) for n in LINE.fullmatch(line).groups())
            for line in result.lines if line.startswith("checkpoint")]
    assert [number for number, *_ in made] == list(range(1, times + 1)), result.text
    running = [tally for tally in made if tally[1] == 2]
    assert len(running) >= 2, made  # not only while it started
    for _, _, ports, handles, pages, cut, size in running:
        assert ports == 2 and handles >= 12 and size > pages * 4096
        assert cut == 0 or options
    assert "failed=0" in result.text and "FAIL" not in result.text
    assert "#test 9 ok the server's checksum" in result.text


def test_without_checkpoints(shell, rounds) -> None:
    """The undisturbed run comes to the same checksums (it computes them)."""
    report = shell.run_test(f"t_counting {rounds(100_000, bochs=2000, soak=1_000_000)}")
    assert [metric.value for metric in report.metrics] == [0]  # nothing was ever cancelled


def test_bad_usage(shell) -> None:
    assert shell.exec("checkpoint").status == 2
    assert shell.exec("checkpoint -x 3 true").status == 2
    assert shell.exec("checkpoint nonsense").status == 1


def test_end_status_is_passed_on(shell) -> None:
    assert shell.exec("checkpoint -n 0 false").status == 1
    assert shell.exec("checkpoint -n 0 true").status == 0
