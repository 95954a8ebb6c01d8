# SPDX-License-Identifier: MIT
"""Row 30: many mappings, and that the kernel lets interrupts in however long it has to work."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["head", "t_memory"])
STRETCH = 5000  # instructions with interrupts off
WAKE = 2500     # from the interrupt to the woken thread, which looks at the clock; debug build


def metrics(report) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for metric in report.metrics:
        values.setdefault(metric.name, []).append(metric.value)
    return values


@pytest.mark.boot(memory=1024)
@pytest.mark.qemu_only("Bochs is given less memory")
def test_hundred_thousand(shell, log_metric) -> None:
    """100,000 mappings of one page, protected and unmapped by one call each."""
    report = shell.run_test("t_memory 100000", timeout=120)
    assert "100000 mappings of one page" in report.passed
    for name, values in metrics(report).items():
        log_metric(name, max(values), "ns", mappings=100000)


@pytest.mark.boot(memory=1024, icount=0, extra_args=["-vga", "none"])  # drawn meanwhile
@pytest.mark.qemu_only("instructions are counted exactly only there")
def test_flat_and_interruptible(shell, log_metric) -> None:
    """The last mapping is as cheap as the first, and nobody waits long meanwhile."""
    shell.exec("head -c 1 /dev/random")  # answered when the server is done with sampling the timer
    small = metrics(shell.run_test("t_memory 1000", timeout=300))
    large = metrics(shell.run_test("t_memory 100000", timeout=300))
    for name in ("map_first", "map_last", "unmap"):
        log_metric(name, large[name][0], "instructions", mappings=100000)
        assert large[name][0] <= small[name][0] * 1.5, name
    assert large["map_last"][0] <= large["map_first"][0] * 1.5
    log_metric("latest", max(large["latest"]), "instructions", during="mappings")
    assert max(large["latest"]) <= STRETCH + WAKE
