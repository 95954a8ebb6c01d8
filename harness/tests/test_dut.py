# SPDX-License-Identifier: MIT
"""Console, shell and device under test against a fake machine."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable

import pytest

from iris_harness import (AuditFailure, CommandFailure, Dut, DutExited, DutTimeout, GuestPanic,
                          GuestTestFailure, UnexpectedOutput)

Launch = Callable[..., Dut]


@pytest.fixture(params=["plain", "redraw"])
def shell_dut(request: pytest.FixtureRequest, fake: Launch) -> Dut:
    """A fake machine with either kind of line editor."""
    return fake(request.param)


def test_exec_gives_lines_and_status(shell_dut: Dut) -> None:
    shell = shell_dut.shell
    result = shell.exec("echo hello   world")
    assert (result.lines, result.status, result.text) == (["hello world"], 0, "hello world")
    assert shell.exec("false").status == 1
    assert shell.exec("false").lines == []
    missing = shell.exec("nothing-like-it")
    assert (missing.lines, missing.status) == (["nothing-like-it: unknown command"], 127)
    assert shell.exec("").lines == []


def test_status_can_be_left_to_the_next_command(shell_dut: Dut) -> None:
    shell = shell_dut.shell
    assert shell.exec("false", status=False).status is None
    assert shell.exec("echo $?", status=False).lines == ["1"]


def test_check_raises_on_failure(shell_dut: Dut) -> None:
    assert shell_dut.shell.exec("echo fine", check=True).lines == ["fine"]
    with pytest.raises(CommandFailure, match="status 1"):
        shell_dut.shell.exec("false", check=True)


def test_output_without_line_end(shell_dut: Dut) -> None:
    result = shell_dut.shell.exec("nonl half a line")
    assert (result.lines, result.status) == (["half a line"], 3)
    assert shell_dut.shell.exec("echo next").lines == ["next"]


def test_large_output_with_things_like_prompts_in_it(shell_dut: Dut) -> None:
    lines = shell_dut.shell.exec("lines 20000").lines
    assert len(lines) == 20200
    assert lines[:2] == ["line 0", "line 1"]
    assert lines[51] == "iris$ echo status-1 $?"
    assert lines[-1] == "line 19999"


def test_escape_sequences_are_applied(shell_dut: Dut) -> None:
    assert shell_dut.shell.exec("color").lines == ["done"]


def test_long_command(shell_dut: Dut) -> None:
    words = "x" * 300
    assert shell_dut.shell.exec("echo " + words).lines == [words]


def test_message_printed_over_the_prompt(fake: Launch) -> None:
    result = fake().shell.exec("oops")
    assert result.command == "oops"


def test_expect_reads_on_from_its_match(fake: Launch) -> None:
    dut = fake()
    assert dut.expect(r"boot: (\w+) \.\.\. ok$")[1] == "kernel"
    assert dut.expect(r"boot: (\w+) \.\.\. ok$")[1] == "servers"
    dut.expect_exact("iris$ ")
    dut.write("echo a.b\r")
    dut.expect(r"^a\.b$")
    assert "boot: kernel" in dut.serial_log


def test_expect_and_shell_take_turns(fake: Launch) -> None:
    dut = fake()
    shell = dut.shell
    dut.write("echo by hand\r")
    dut.expect("^by hand$")
    assert shell.exec("echo by shell").lines == ["by shell"]
    dut.write("echo again\r")
    dut.expect_exact("again\n")
    assert dut.expect("(.*)\niris").group(1) == "again"


def test_expect_exact_takes_no_pattern(fake: Launch) -> None:
    dut = fake(timeout=0.3)
    with pytest.raises(DutTimeout):
        dut.expect_exact("boot: .*")


def test_not_expect(fake: Launch) -> None:
    dut = fake()
    dut.not_expect("panic", until="servers")
    dut.expect_exact("iris$ ")
    dut.write("echo forbidden\r")
    with pytest.raises(UnexpectedOutput, match="forbidden"):
        dut.not_expect("^forbidden", until=re.compile("iris"))
    dut.write("echo forbidden\r")
    with pytest.raises(UnexpectedOutput):
        dut.not_expect("^forbidden", timeout=5)
    dut.not_expect("^something else", timeout=0.2)


def test_silence_times_out(fake: Launch) -> None:
    dut = fake("hang-in-boot", timeout=0.5)
    start = time.monotonic()
    with pytest.raises(DutTimeout, match="boot: kernel"):
        dut.expect("servers")
    assert time.monotonic() - start < 5


def test_hanging_command_times_out(fake: Launch) -> None:
    dut = fake(timeout=0.5)
    with pytest.raises(DutTimeout, match="the end of 'hang'"):
        dut.shell.exec("hang")


def test_activity_prolongs_a_wait_but_not_for_ever(fake: Launch) -> None:
    dut = fake(timeout=0.5)
    assert dut.shell.exec("chatter 20 50").lines == ["." * 20]
    with pytest.raises(DutTimeout):
        dut.shell.exec("chatter 1000 20", timeout=0.2)


def test_panic_ends_a_wait_at_once(fake: Launch) -> None:
    dut = fake("panic-in-boot", timeout=60)
    with pytest.raises(GuestPanic, match=r"(?s)assertion failed: port.c:12.*PANIC end"):
        dut.expect("iris")
    assert not dut.alive


def test_expected_panic_can_be_read(fake: Launch) -> None:
    dut = fake()
    dut.console.panic_expected = True
    dut.expect_exact("iris$ ")
    dut.write("panic\r")
    dut.expect("^PANIC end$")
    dut.check({})


def test_end_of_the_emulator(fake: Launch) -> None:
    dut = fake(timeout=60)
    with pytest.raises(DutExited):
        dut.shell.exec("shutdown")
    assert dut.wait_exit() == 5
    with pytest.raises(DutExited):
        dut.write("x")


def test_hard_reset(fake: Launch) -> None:
    dut = fake("plain")
    dut.shell.exec("leak")
    dut.hard_reset()
    dut.expect("boot: kernel")
    assert dut.shell.exec("echo again").lines == ["again"]
    dut.check({})


def test_reboot_takes_a_new_base_line(fake: Launch) -> None:
    dut = fake()
    before = dut.shell.base_line
    dut.shell.reboot()
    assert dut.shell.base_line != before
    dut.check({})


def test_interrupt(fake: Launch) -> None:
    dut = fake()
    shell = dut.shell
    dut.write("spin\r")
    shell.interrupt()
    assert shell.exec("echo back").lines == ["back"]


@pytest.mark.parametrize(("way", "message"), [
    ("lost", "expected line 4"), ("truncated", "truncated"), ("garbled", "garbled"),
    ("total", "lost"), ("fails", "demo.c:7"), ("bad-status", "status 1"),
])
def test_run_test_notices(fake: Launch, way: str, message: str) -> None:
    with pytest.raises(GuestTestFailure, match=message):
        fake().shell.run_test(f"test {way}")


def test_run_test_whole(fake: Launch) -> None:
    assert fake().shell.run_test("test").passed == ["first thing", "second thing"]


def test_run_test_panics_and_hangs(fake: Launch) -> None:
    with pytest.raises(GuestPanic):
        fake().shell.run_test("test panics")
    with pytest.raises(DutTimeout):
        fake(timeout=0.5).shell.run_test("test hangs")


def test_check_after_a_test(fake: Launch) -> None:
    dut = fake()
    shell = dut.shell
    shell.exec("echo")
    dut.check({})
    shell.exec("leak")
    with pytest.raises(AuditFailure, match=r"kernel_pages: 40 -> 41 \(\+1\)"):
        dut.check({})
    dut.check({"kernel_pages": 1})
    dut.check(None)
    with pytest.raises(AuditFailure):
        dut.check({"user_pages": 5})


def test_check_waits_for_late_frees(fake: Launch) -> None:
    dut = fake()
    dut.shell.exec("slow_free")
    dut.check({})


def test_check_ends_what_a_test_left_running(fake: Launch) -> None:
    dut = fake()
    assert dut.shell.seen
    dut.write("spin\r")
    dut.expect("spin\n")
    dut.check({})


def test_check_fails_when_the_shell_is_gone(fake: Launch) -> None:
    dut = fake(timeout=0.5)
    assert dut.shell.seen
    dut.write("hang\r")
    with pytest.raises(AuditFailure, match="no audit after the test"):
        dut.check({})


def test_failing_audit(fake: Launch) -> None:
    dut = fake("audit-fails")
    assert dut.shell.seen
    with pytest.raises(AuditFailure, match="ready queue 3"):
        dut.check({})


def test_missing_audit_is_a_failure(fake: Launch) -> None:
    with pytest.raises(AuditFailure, match="no verdict"):
        fake("no-audit").shell.exec("echo")


def test_close_leaves_no_process(fake: Launch) -> None:
    dut = fake()
    pid = dut.emulator.process.pid
    assert dut.shell.seen
    dut.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not dut.workdir.exists()


def test_serial_log_file(fake: Launch) -> None:
    dut = fake()
    dut.shell.exec("echo logged")
    assert dut.config.log is not None
    assert b"\r\nlogged\r\n" in dut.config.log.read_bytes()


def test_prompt_from_before_is_not_taken_for_a_new_one(shell_dut: Dut) -> None:
    """What was typed has not been echoed yet when the next command is given."""
    shell = shell_dut.shell
    for number in range(50):
        shell_dut.write("echo typed\r")
        assert shell.exec(f"echo {number}").lines == [str(number)]
