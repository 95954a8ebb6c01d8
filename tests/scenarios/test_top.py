# SPDX-License-Identifier: MIT
"""`top`: who uses the processor, the busiest first."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.user_space, pytest.mark.boot(only=["sleep", "spin", "top"])]
HEAD = re.compile(r"(\d+) processes, (\d+) threads, processor (\d+)\.\d% busy, "
                  r"(\d+) of (\d+) KiB free")
ROW = re.compile(r" *(?P<pid>\d+) +(?P<share>\d+\.\d) +(?P<time>\d+) +(?P<kib>\d+) +"
                 r"(?P<threads>\d+)  (?P<program>\S+)")


def looks(lines: list[str]) -> list[list[re.Match[str]]]:
    """The processes of each look."""
    found: list[list[re.Match[str]]] = []
    for line in lines:
        if HEAD.fullmatch(line):
            found.append([])
        elif row := ROW.fullmatch(line):
            found[-1].append(row)
    return found


def test_busiest_first(shell) -> None:
    shell.exec("spin &", status=False)
    lines = shell.exec("top -n 2 -d 1", timeout=60).lines
    shell.exec("kill %1; wait", check=True)
    first, second = looks(lines)
    for rows in first, second:
        shares = [float(row["share"]) for row in rows]
        assert shares == sorted(shares, reverse=True)
        # Not all of a look is of the same moment.
        assert rows[0]["program"] == "spin" and 50 < shares[0] < 102
        assert sum(shares) < 102
        assert {"top", "shell", "mem", "proc"} <= {row["program"] for row in rows}
    assert int(second[0]["time"]) > int(first[0]["time"])


def test_q_ends_it(shell) -> None:
    """Whatever ends it, the terminal is as it was: lines are edited and Ctrl-C is a signal."""
    for key in "q", "\x03":
        shell.start()
        shell.dut.write("top -d 1\r")
        shell.dut.expect("PID  CPU%", timeout=30)
        shell.dut.write(key)
        shell.wait_prompt(30)
        shell.dut.write("sleep 100\r")
        shell.dut.expect_exact("sleep 100")
        shell.interrupt()
        assert shell.exec("echo $?").lines == ["130"]


def test_what_is_typed_ahead_is_kept(shell) -> None:
    shell.start()
    shell.dut.write("top -n 1 -d 1\recho typed ahead\r")
    shell.dut.expect(r"^typed ahead$", timeout=30)
    shell.wait_prompt()


@pytest.mark.parametrize("arguments", ["-n", "-n 0", "-d x", "-x", "more"])
def test_bad_arguments(shell, arguments: str) -> None:
    result = shell.exec(f"top {arguments}")
    assert result.status == 2 and "usage: top [-n TIMES] [-d SECONDS]" in result.text
