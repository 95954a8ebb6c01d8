# SPDX-License-Identifier: MIT
"""Sessions of the shell: their ends, bad arguments everywhere, keys at odd moments."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.user_space, pytest.mark.boot(only=[
    "cat", "crash", "dmesg", "false", "free", "hello", "ls", "man", "pingpong", "ps", "reboot",
    "schedule", "services", "shutdown", "sleep", "spin", "trace", "true", "uname", "uptime"])]

BAD = ["ps x", "mem x", "uptime x", "uname -z", "audit x", "services x", "ls -z", "cat -z", "sleep",
       "sleep -1", "spin x", "crash nothing", "pingpong x", "man a b", "kill", "cd a b", "pwd x",
       "jobs x", "history x", "wait x", "fg a b", "exit x", "help a b", "log x", "trace",
       "trace -a", "shutdown x", "reboot x"]
COMMANDS = ["help", "ls", "echo", "man", "ps", "mem", "hello", "uptime", "uname", "log", "audit",
            "services", "history", "jobs", "pwd", "wait", "true"]


@pytest.mark.parametrize("words", BAD)
def test_bad_arguments(shell, words: str) -> None:
    """A clear error that names the command, and a status that says so."""
    result = shell.exec(words)
    assert result.status not in (0, 127), result.text
    assert len(result.lines) >= 1 and words.split()[0].replace("mem", "").replace("log", "") \
        in result.text, result.text


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_succeed(shell, words: str) -> None:
    shell.exec(words, timeout=30, check=True)


def test_end_of_file_at_the_prompt(shell) -> None:
    """Ctrl-D on an empty line ends the shell; root starts a new one, which knows nothing."""
    shell.exec("echo remember me", check=True)
    shell.dut.write("\x04")
    shell.dut.expect_exact("exit\n")
    shell.dut.expect(r"root: .*shell has ended with status 0, starting it again")
    shell.wait_prompt()
    assert "remember me" not in shell.exec("history").text


def test_end_of_file_within_a_line(shell) -> None:
    """Then Ctrl-D ends nothing."""
    shell.start()
    shell.dut.write("echo go\x04od\r")
    shell.dut.expect(r"^good$")
    shell.wait_prompt()


def test_exit_with_a_status(shell) -> None:
    shell.start()
    shell.dut.write("exit 9\r")
    shell.dut.expect(r"root: .*shell has ended with status 9, starting it again")
    shell.wait_prompt()


def test_interrupt_ends_only_the_foreground(shell) -> None:
    started = shell.exec("spin &")
    pid = re.fullmatch(r"\[1\] (\d+)", started.lines[-1])[1]
    shell.dut.write("sleep 100\r")
    shell.dut.expect_exact("sleep 100")
    shell.interrupt()
    assert re.search(rf"^ *{pid} .* spin\b", shell.exec("ps").text, re.M)
    shell.exec("kill %1", check=True)
    shell.exec("wait")


def test_many_in_the_background(shell) -> None:
    for _ in range(5):
        shell.exec("sleep 0.3 &", check=True, status=False)
    assert len(shell.exec("jobs").lines) <= 5
    shell.exec("wait", timeout=30)
    assert shell.console.screen.text().count("done     sleep 0.3") == 5


def test_nested_shell(shell) -> None:
    """A shell is a program like others."""
    assert shell.exec("shell -c 'echo inner; false'").lines == ["inner"]
    assert shell.exec("shell -c 'exit 6'").status == 6


def test_stop_and_continue(shell) -> None:
    """Ctrl-Z, jobs, bg, fg, kill with a signal's name, Ctrl-\\."""
    shell.start()
    shell.dut.write("spin\r")
    shell.dut.expect_exact("spin")
    shell.dut.write("\x1a")
    shell.dut.expect_exact("stopped  spin")
    shell.wait_prompt()
    assert shell.exec("echo $?").lines == ["146"]
    assert re.search(r"stopped.* spin$", shell.exec("jobs").text, re.M)
    assert re.search(r"halted .* spin\b", shell.exec("ps").text, re.M)
    shell.exec("bg", check=True)
    assert "stopped" not in shell.exec("jobs").text
    shell.exec("kill -STOP %1", check=True)
    shell.dut.write("fg\r")
    shell.dut.expect_exact("fg")
    shell.dut.write("\x1c")
    shell.wait_prompt()
    assert shell.exec("echo $?").lines == ["131"]


def test_background_reader(shell) -> None:
    """What reads in the background is stopped, and gets nothing of what is typed for others."""
    shell.exec("cat &", check=True)
    shell.exec("sleep 0.5", check=True)
    assert re.search(r"stopped.* cat$", shell.exec("jobs").text, re.M)
    shell.dut.write("fg\r")
    shell.dut.expect_exact("cat\n")
    shell.dut.write("for cat\r")
    shell.dut.expect(r"^for cat\nfor cat$")
    shell.dut.write("\x1a")
    shell.dut.expect_exact("stopped  cat")
    shell.wait_prompt()
    assert shell.exec("echo for the shell").lines == ["for the shell"]
    shell.dut.write("fg\r")
    shell.dut.expect_exact("cat\n")
    shell.dut.write("last\r\x04")
    shell.wait_prompt()
    assert shell.exec("jobs").lines == []
