# SPDX-License-Identifier: MIT
"""The dialogue in README.md is what really happens, in both emulators.

Numbers may differ (times, addresses, sizes), and so may the width of columns; a line that is only a
number may not. A line `...` stands for any number of lines.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
PROMPT = "iris$ "


def transcript() -> tuple[list[str], list[tuple[str, list[str]]]]:
    """What is printed before the first prompt, and each command with its output."""
    block = re.search(r"<!-- transcript:begin -->\s*```\n(.*?)```\s*<!-- transcript:end -->",
                      README.read_text(), re.S)
    assert block, "README.md has no transcript"
    boot: list[str] = []
    commands: list[tuple[str, list[str]]] = []
    for line in block[1].splitlines():
        if line.startswith(PROMPT):
            commands.append((line.removeprefix(PROMPT), []))
        else:
            (commands[-1][1] if commands else boot).append(line)
    return boot, commands


def line_pattern(line: str) -> str:
    """What a printed line must match."""
    if re.fullmatch(r"\d+", line):
        return line
    parts = re.split(r"(0x[0-9a-f]+|\b[0-9a-f]{8}\b|\d+|\s+)", line.strip())
    patterns = []
    for part in parts:
        if re.fullmatch(r"0x[0-9a-f]+|[0-9a-f]{8}", part):
            patterns.append(r"(?:0x)?[0-9a-f]+")
        elif re.fullmatch(r"\d+", part):
            patterns.append(r"\d+")
        elif part.isspace():
            patterns.append(r"\s+")
        else:
            patterns.append(re.escape(part))
    return r"\s*" + "".join(patterns) + r"\s*"


def check(printed: list[str], expected: list[str]) -> None:
    """Compare line by line, so that a failure names the first line that differs."""
    at, skipping = 0, False
    for line in expected:
        if line.strip() == "...":
            skipping = True
            continue
        pattern = line_pattern(line)
        while skipping and at < len(printed) and not re.fullmatch(pattern, printed[at]):
            at += 1
        assert at < len(printed), f"missing: {line!r}"
        assert re.fullmatch(pattern, printed[at]), f"printed {printed[at]!r}, expected {line!r}"
        at, skipping = at + 1, False
    assert skipping or at == len(printed), f"more was printed: {printed[at:]}"


@pytest.mark.fresh_boot
@pytest.mark.release
def test_readme_dialogue(dut) -> None:
    boot, commands = transcript()
    shell = dut.shell
    lines = dut.console.screen.lines
    first = next(index for index, line in enumerate(lines) if "Iris" in line)
    last = next(index for index, line in enumerate(lines) if line.startswith(PROMPT))
    check(lines[first:last], boot)
    assert commands[-1][0] == "shutdown"
    for command, expected in commands[:-1]:
        check(shell.exec(command, timeout=60, status=False).lines, expected)
    dut.write("shutdown\r")
    dut.wait_exit()


def test_the_comparison_can_fail() -> None:
    check(["a 1", "b", "c", "d 0x1f"], ["a 27", "...", "d 0xffff"])
    for printed, expected in ((["a"], ["b"]), (["a", "b"], ["a"]), (["a"], ["a", "b"]),
                              (["139"], ["0"]), (["x 1"], ["x y"]), (["a", "b"], ["...", "c"])):
        with pytest.raises(AssertionError):
            check(printed, expected)
