# SPDX-License-Identifier: MIT
"""The serial line and its discipline: row 35, and more input than anybody reads at once."""

from __future__ import annotations

import contextlib
import random
import re
import time

import pytest

from iris_harness.errors import DutError
from iris_harness.image import extract

pytestmark = pytest.mark.boot(only=[
    "cat", "echo", "hello", "ls", "man", "sleep", "t_readers", "trace", "true"])

LINE_MOST = 256     # characters the line discipline edits (servers/console/line.h)
READY_MOST = 2048   # and keeps for readers


def typed_ahead(shell, lines: list[str]) -> list[str]:
    """Type all lines at once, as a paste does; what stands on the screen when all is done."""
    shell.start()
    first = len(shell.console.screen.lines)
    shell.dut.write("".join(line + "\r" for line in lines) + "echo the-very-end\r")
    shell.dut.expect(r"^the-very-end$", timeout=30)
    shell.wait_prompt()
    return shell.console.screen.lines[first:]


# ---- Row 35 -------------------------------------------------------------------------------------


def test_each_key_is_echoed(shell) -> None:
    """The interrupt became a message, the byte went up to the shell and came back down."""
    shell.start()
    for key in "echo Iris 0123456789":
        shell.dut.write(key)
        shell.dut.expect_exact(key)
    shell.dut.write("\r")
    shell.dut.expect(r"^Iris 0123456789$")
    shell.wait_prompt()


def start_cat(shell) -> int:
    """`cat` reads lines; the first line on the screen that is not its start's."""
    shell.start()
    shell.dut.write("cat\r")
    shell.dut.write("begin\r")
    shell.dut.expect(r"begin\n(?:.*\n)*?begin\n")
    return len(shell.console.screen.lines)


def end_cat(shell) -> None:
    """An empty line, and end of file."""
    shell.dut.write("\r\x04")
    shell.wait_prompt()


def test_cooked_echo_and_editing(shell) -> None:
    first = start_cat(shell)
    shell.dut.write("wrong\x15right words gone\x17\x17here\x7f\r")
    shell.dut.expect(r"^right her\n")
    end_cat(shell)
    lines = shell.console.screen.lines[first:]
    printed = [line.rstrip() for line in lines if line]
    assert printed == ["right her", "right her"]  # the echo, and cat


def test_control_d_hands_on_a_part_of_a_line(shell) -> None:
    start_cat(shell)
    shell.dut.write("part\x04")
    shell.dut.expect_exact("partpart")
    end_cat(shell)


def test_control_s_holds_output(shell) -> None:
    start_cat(shell)
    shell.dut.write("\x13hidden\r")
    time.sleep(0.5)
    assert "hidden" not in "".join(shell.console.screen.lines)
    shell.dut.write("\x11")
    shell.dut.expect(r"hidden\nhidden\n")
    shell.dut.write("\x13again\r\x03")  # what interrupts lets output go on
    shell.wait_prompt()


def test_all_bytes_reach_the_terminal(shell) -> None:
    """A large file, byte by byte: the output queues fill, nothing is lost or doubled."""
    files = extract(shell.dut.config.iso).files()
    name, content = max(((name, data) for name, data in files.items() if name.startswith("man/")),
                        key=lambda item: len(item[1]))
    assert len(content) > 3000
    shown = shell.exec(f"cat /{name}", timeout=60, check=True).lines
    assert shown == [line.expandtabs() for line in content.decode().splitlines()]


def test_large_output(shell) -> None:
    """More than all queues hold together: writers wait, nothing is lost, doubled, or mixed."""
    lines = shell.exec("trace ls -l /bin", timeout=60, check=True).lines
    records = [line for line in lines if line.startswith("[")]
    assert sum(map(len, records)) > 16384
    for line in records:
        assert re.fullmatch(r"\[ *\d+\.\d{6}\] \S+ +\w+ +\S.*", line), line
    times = [float(line[1:13]) for line in records]
    assert times == sorted(times)


# ---- A lot of input -----------------------------------------------------------------------------


def test_paste_of_commands(shell) -> None:
    """Commands typed ahead run one after the other, builtins and programs."""
    commands = [f"echo line-{i}" for i in range(12)] + ["hello", "true"] + \
        [f"echo line-{i}" for i in range(12, 20)]
    printed = typed_ahead(shell, commands)
    assert [line for line in printed if re.fullmatch(r"line-\d+", line)] == \
        [f"line-{i}" for i in range(20)]
    assert sum("Hello from process" in line for line in printed) == 1


def test_paste_for_a_program(shell) -> None:
    """Lines typed ahead of a program are its own, in order, also when nobody reads yet."""
    lines = [f"{i:03} " + "x" * 40 for i in range(30)]
    assert sum(len(line) + 1 for line in lines) < READY_MOST
    printed = typed_ahead(shell, ["sleep 1; cat", *lines, "\x04"])
    text = "\n".join(printed)
    for line in lines:
        assert text.count(line) == 2, f"{line!r}: {text.count(line)} times"  # echo and cat


def test_line_too_long(shell) -> None:
    """The line discipline takes so many characters and rings the bell for the rest."""
    start_cat(shell)
    shell.dut.write("y" * (LINE_MOST + 50) + "\r")
    taken = shell.dut.expect(r"^(y+)\n(y+)\n", timeout=30)
    assert len(taken[1]) == len(taken[2]) == LINE_MOST
    end_cat(shell)
    assert shell.exec("echo fine").lines[-1] == "fine"


def test_more_input_than_anybody_takes(shell) -> None:
    """While nobody reads, input beyond all queues is lost and nothing else."""
    shell.start()
    shell.dut.write("sleep 10\r")
    shell.dut.expect_exact("sleep 10")
    for _ in range(8):
        shell.dut.write(("z" * 60 + "\r") * 16)
    for _ in range(20):  # discards what was typed ahead, and ends the sleep, if it is not lost too
        shell.dut.write("\x03")
        with contextlib.suppress(DutError):
            shell.wait_prompt(timeout=1)
            break
    shell.wait_prompt()
    assert shell.exec("echo )").status in (0, 2)
    assert shell.exec("echo still here").lines == ["still here"]
    assert shell.exec("hello", check=True).status == 0


def test_odd_bytes_do_no_harm(shell, seed: int) -> None:
    """Everything a broken line can deliver, while a program reads and at the prompt."""
    choose = random.Random(seed)
    odd = bytes(choose.choice([b for b in range(256) if b not in (3, 4, 10, 13, 26)])
                for _ in range(300))
    shell.start()
    shell.dut.write(b"cat\r" + odd[:150] + b"\r\x04\x04\x04")
    shell.dut.write(b"\x03")
    shell.dut.write(b"\x15" + odd[150:] + b"\x03")
    shell.wait_prompt()
    shell.dut.write(b"\x03")
    shell.wait_prompt()
    assert shell.exec("echo fine").lines[-1] == "fine"


# ---- Several readers ----------------------------------------------------------------------------


def test_two_readers(shell) -> None:
    """Both wait at the console; each line goes to exactly one, none to both."""
    shell.start()
    first = len(shell.console.screen.lines)
    shell.dut.write("t_readers\r")
    shell.dut.expect(r"^ready$", timeout=30)
    for i in range(8):
        shell.dut.write(f"word{i}\r")
        shell.dut.expect(rf"^reader [01]: word{i}$", timeout=30)
    shell.dut.expect(r"^8 lines$")
    shell.wait_prompt()
    lines = shell.console.screen.lines[first:]
    got = [line for line in lines if line.startswith("reader ")]
    assert len(got) == 8
    assert {line.split(":")[0] for line in got} == {"reader 0", "reader 1"}
    assert shell.exec("echo $?").lines == ["0"]


def test_reader_killed_while_waiting(shell) -> None:
    """What is typed next goes to who still lives."""
    start_cat(shell)
    shell.interrupt()
    assert shell.exec("echo two").lines[-1] == "two"
