# SPDX-License-Identifier: MIT
"""Rows 31, 32: programs get their pages one by one, from mem, on first touch."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.boot(only=["free", "t_touch", "trace"])


def test_touched_pages_only(shell, log_metric) -> None:
    """A program of 1 MiB that touches 3 pages is given at most 8."""
    report = shell.run_test("t_touch")
    [metric] = [m for m in report.metrics if m.name == "resident_pages"]
    assert 3 <= metric.value <= 8
    log_metric("t_touch_pages", metric.value, "pages", touched=3)


def test_each_page_by_a_fault_message(shell) -> None:
    """Seen from outside: mem is asked once for each page, and answers."""
    lines = shell.exec("trace t_touch", timeout=60, check=True).lines
    faults = [line for line in lines if re.search(r"\] t_touch +fault ", line)]
    calls = [line for line in lines
             if re.search(r"\] t_touch +call +service/mem .*its fault", line)]
    assert len(faults) == len(calls) >= 8
    pages = [int(re.search(r"address=(0x[0-9a-f]+)", line)[1], 16) >> 12 for line in faults]
    assert len(set(pages)) == len(pages), "a page was asked for twice"


def test_pages_come_back(shell) -> None:
    def free() -> int:
        return int(re.search(r"(\d+) free", shell.exec("mem", check=True).text)[1])
    shell.exec("t_touch", check=True)
    before = free()
    for _ in range(3):
        shell.exec("t_touch", check=True)
    assert free() == before
