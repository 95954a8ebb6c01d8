# SPDX-License-Identifier: MIT
"""Programs killed at random moments leave nothing behind, whatever they were doing.

t_kill does it inside the guest, where it can strike between any two instructions, and compares free
memory and all of the kernel's object counts before and after; the harness does so once more. The
numbers of rounds add up to more than 1,000 by default, in both emulators together.
"""

from __future__ import annotations

import random

import pytest

pytestmark = pytest.mark.boot(only=["sleep", "t_kill", "t_victim"])
MODES = ["running", "paging", "mem", "names", "proc", "files", "log", "debug", "console", "uart",
         "power", "input", "child", "thread"]
IN_QEMU, IN_BOCHS, IN_SOAK = 66, 6, 1000
FROM_THE_SHELL = 10


def test_numbers_add_up() -> None:
    assert len(MODES) * (IN_QEMU + IN_BOCHS) >= 1000


@pytest.mark.parametrize("mode", MODES)
def test_killed_at_any_moment(shell, rounds, seed: int, log_metric, mode: str) -> None:
    count = rounds(IN_QEMU, bochs=IN_BOCHS, soak=IN_SOAK)
    chosen = random.Random(f"{seed} {mode}").randrange(1, 2 ** 31)
    report = shell.run_test(f"t_kill {mode} {count} {chosen}", timeout=120)
    [kills] = [metric for metric in report.metrics if metric.name == "kills"]
    assert kills.value >= count
    log_metric("kills", kills.value, "kills", mode=mode)


def test_killed_by_the_shell(shell, rounds, seed: int) -> None:
    """`kill` and Ctrl-C, from outside the machine."""
    choose = random.Random(seed)
    for _ in range(rounds(FROM_THE_SHELL, bochs=2, soak=100)):
        mode = choose.choice(MODES)
        shell.exec(f"t_victim {mode if mode != 'input' else 'files'} &", check=True, status=False)
        shell.exec("kill %1", check=True)
        assert "killed   t_victim" in shell.exec("wait").text + shell.console.screen.text()
        shell.dut.write(f"t_victim {choose.choice(MODES)}\r")
        shell.dut.expect_exact("t_victim")
        shell.interrupt()
        assert shell.exec("echo $?").lines == ["130"]
