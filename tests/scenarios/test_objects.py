# SPDX-License-Identifier: MIT
"""Rows 44, 46 and 48: memory objects and views of them, quotas, pages zeroed when idle."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.boot(only=["free", "sleep", "t_object"])

# Topic of t_object, and the fewest checks of a complete run.
TOPICS = {"share": 40, "private": 20, "sources": 20, "limits": 12, "idle": 7, "mmap": 20, "heap": 9}


@pytest.mark.parametrize("topic", TOPICS)
def test_topic(shell, topic: str, log_metric) -> None:
    report = shell.run_test(f"t_object {topic}", timeout=120)
    assert len(report.passed) >= TOPICS[topic], report.passed
    for metric in report.metrics:
        log_metric(metric.name, metric.value, metric.unit)


@pytest.mark.boot(cmdline="fastpath=off")
@pytest.mark.qemu_only("Bochs does it with the fast path")
def test_without_fast_path(shell) -> None:
    report = shell.run_test("t_object", timeout=240)
    assert len(report.passed) >= sum(TOPICS.values()), report.passed


def test_pool_is_visible(shell) -> None:
    """`mem` shows how many pages are zeroed; after a rest there are some."""
    shell.exec("sleep 1", timeout=30, check=True)
    text = shell.exec("mem", check=True).text
    free, zeroed = map(int, re.search(r"(\d+) free, (\d+) of them zeroed", text).groups())
    assert 0 < zeroed <= free
