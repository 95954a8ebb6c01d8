# SPDX-License-Identifier: MIT
"""Rows 33 and 47, attacks 7, 8 and 30: pagers that stack, and bad ones."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["t_pager"])

# Topic of t_pager, and the fewest checks of a complete run.
TOPICS = {"nested": 20, "portals": 13, "slow": 9, "bad": 28, "storm": 24}
CMDLINES = {"": [], "door=gate fastpath=off": [
    pytest.mark.qemu_only("Bochs does it by SYSENTER and fast path")]}


@pytest.mark.parametrize(("cmdline", "topic"), [
    pytest.param(cmdline, topic, id=f"{cmdline or 'plain'}-{topic}",
                 marks=[*marks, pytest.mark.boot(cmdline=cmdline, memory=256)])
    for cmdline, marks in CMDLINES.items() for topic in TOPICS])
def test_topic(shell, cmdline: str, topic: str, log_metric) -> None:
    report = shell.run_test(f"t_pager {topic}", timeout=60)
    assert len(report.passed) >= TOPICS[topic], report.passed
    for metric in report.metrics:
        log_metric(metric.name, metric.value, metric.unit, how=cmdline)
    if topic == "storm":
        assert "100 faults wait at once" in report.passed
