# SPDX-License-Identifier: MIT
"""Machines that count instructions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from iris_harness.dut import Dut
from iris_harness.image import Image

# Ways that IPC can go, and the words on the kernel's command line that choose them.
PATHS = {"fast": "door=sysenter fastpath=on", "c": "door=sysenter fastpath=off",
         "gate": "door=gate"}


def switch_off(dut: Dut) -> None:
    """End a machine before its test does; the test's end finds it off, not idle."""
    dut.emulator.stop()
    dut.console.wait_exit()


@dataclass
class Counted:
    """A machine under -icount, and the windows that the plugin has counted."""

    dut: Dut
    output: Path | None

    def windows(self) -> list[dict]:
        """All windows that have ended."""
        assert self.output is not None
        return [json.loads(line) for line in self.output.read_text().splitlines()]


def with_server(lines: str) -> Callable[[Image], None]:
    """An edit of an image: one more server, and the real-time clock for it."""
    def edit(image: Image) -> None:
        image.remove_server("rtc")
        image.add_server(lines)
    return edit
