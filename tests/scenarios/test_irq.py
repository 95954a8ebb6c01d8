# SPDX-License-Identifier: MIT
"""Interrupts and devices in hostile hands (attacks 31 to 33), by programs that run as drivers."""

from __future__ import annotations

import pytest
from iris_harness.errors import GuestTestFailure
from iris_harness.protocol import GuestTest, guest_test
from iris_harness.symbols import load_symbols

pytestmark = pytest.mark.boot(only=["t_dma", "t_irq", "t_qnx_driver"])

CLOCK = """server {name} priority 56 kernel 64 memory 192
  irq 11 8
  io 0x70 2
  portal 8 console 0
  portal 12 log 2
  portal 13 uart 0"""
DMA = """server t_dma priority 40 kernel 48 memory 64
  io 0xcf8 8
  portal 8 console 0
  portal 11 mem 3
  portal 13 uart 0"""


def report_of(unlaunched_dut, server: str) -> GuestTest:
    """What a server of the test's own says while root waits for it."""
    unlaunched_dut.edits = [lambda image: image.remove_server("rtc"),
                            lambda image: image.add_server(server)]
    dut = unlaunched_dut.launch()
    dut.expect(r"^iris\$ ", timeout=60)
    return guest_test(dut.console.screen.lines)


def test_lines_and_storms(unlaunched_dut) -> None:
    """Attacks 32 and 33: unclaimed, bound twice, acknowledged by nobody."""
    assert len(report_of(unlaunched_dut, CLOCK.format(name="t_irq")).passed) >= 25


def test_qnx_driver(unlaunched_dut) -> None:
    """InterruptAttachEvent and its kin, by a driver of the real-time clock in QNX's style."""
    driver = CLOCK.format(name="t_qnx_driver")
    assert len(report_of(unlaunched_dut, driver).passed) >= 40


@pytest.mark.qemu_only("the device is QEMU's")
def test_dma_into_the_kernel(unlaunched_dut) -> None:
    """Attack 31: what cannot be had is written down, and noticed should it ever be had."""
    unlaunched_dut.extra_args = ["-device", "edu"]
    symbols = load_symbols(unlaunched_dut.iso.parent / "iris.elf")
    page = symbols.lookup("ia32_data_page") - 0xc0000000  # where the direct map begins
    unlaunched_dut.cmdline = f"dma={page:#x}"
    with pytest.raises(GuestTestFailure, match="1 of 4 checks failed:.*\n.*the kernel's page is"):
        report_of(unlaunched_dut, DMA)
    pytest.xfail("no IOMMU: a device writes where its driver says")
