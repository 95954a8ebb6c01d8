# SPDX-License-Identifier: MIT
"""Random numbers in the running system: no two programs, and no two starts, get the same."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["cat", "head", "hexdump", "t_random"])


def printed(shell) -> str:
    """What a fresh process is given."""
    text = shell.exec("t_random print", check=True).lines[0]
    assert len(text) == 64
    return text


def test_random(shell) -> None:
    shell.run_test("t_random", timeout=60)


def test_processes_differ(shell) -> None:
    assert len({printed(shell) for _ in range(3)}) == 3


@pytest.mark.fresh_boot
@pytest.mark.qemu_only("Bochs computes its jitter: docs/entropy.md")
def test_boots_differ(dut) -> None:
    """The first numbers after two starts of the same machine."""
    first = printed(dut.shell)
    dut.hard_reset()
    assert printed(dut.shell) != first


@pytest.mark.boot(cpu="max")
@pytest.mark.qemu_only("needs a processor with RDRAND")
def test_processor_with_a_generator(shell) -> None:
    report = shell.run_test("t_random", timeout=60)
    assert any("processor: 1" in text for text in report.passed)
