# SPDX-License-Identifier: MIT
"""Switching off and starting again."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["hello", "reboot", "shutdown"])
SERVERS = ("mem", "names", "log", "bootfs", "uart", "console", "power", "sched", "proc")


@pytest.mark.fresh_boot
def test_shutdown(dut) -> None:
    """The machine goes off by itself; everything printed before is there."""
    dut.shell.exec("echo last words", check=True)
    dut.write("shutdown\r")
    status = dut.wait_exit(timeout=30)
    assert dut.serial_log.count("last words") == 2
    assert "panic" not in dut.serial_log.lower()
    if dut.emulator.name == "qemu":  # isa-debug-exit: 2 * status + 1
        assert status == 1


@pytest.mark.fresh_boot
@pytest.mark.qemu_only("Bochs' exit status is always the same")
@pytest.mark.parametrize("value", [1, 42])
def test_shutdown_with_a_status(dut, value: int) -> None:
    dut.shell.start()
    dut.write(f"shutdown {value}\r")
    assert dut.wait_exit(timeout=30) == 2 * value + 1


@pytest.mark.parametrize("words", ["shutdown x", "shutdown 200", "shutdown 1 2", "reboot now"])
def test_bad_arguments(shell, words: str) -> None:
    result = shell.exec(words)
    assert result.status == 2 and f"usage: {words.split()[0]}" in result.text


@pytest.mark.fresh_boot
def test_reboot(dut, rounds) -> None:
    """The new boot is whole, forgets the old one's history, and reboots again."""
    shell = dut.shell
    for _ in range(rounds(2, bochs=1, soak=20)):
        shell.exec("echo before", check=True)
        start = len(dut.serial_log)
        shell.reboot(timeout=60)
        assert shell.exec("history").lines[-1].split() == ["4", "history"] or \
            "echo before" not in shell.exec("history").text
        boot = dut.serial_log[start:]
        for server in SERVERS:
            assert boot.count(f"boot: server {server} ... ok") == 1
        assert "Hello" in shell.exec("hello", check=True).text
