# SPDX-License-Identifier: MIT
"""Sleeping and waking on words (row 45), and the locks of the library that are made of them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["t_word"])
CMDLINES = {"": [], "door=gate fastpath=off": [
    pytest.mark.qemu_only("Bochs does it by SYSENTER and fast path")]}


@pytest.mark.parametrize("cmdline", [
    pytest.param(cmdline, id=cmdline.replace(" ", ",") or "plain",
                 marks=[*marks, pytest.mark.boot(cmdline=cmdline)])
    for cmdline, marks in CMDLINES.items()])
def test_words(shell, rounds, cmdline: str) -> None:
    count = rounds(10000 if cmdline else 30000, bochs=1000, soak=2000000)
    report = shell.run_test(f"t_word {count}", timeout=120)
    assert len(report.passed) >= 190, report.passed
