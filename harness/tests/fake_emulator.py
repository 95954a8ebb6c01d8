# SPDX-License-Identifier: MIT
"""An emulator class that runs `fake_dut.py` instead of a machine."""

from __future__ import annotations

import os
import tty
from pathlib import Path

from iris_harness import Emulator, register_emulator


@register_emulator
class Fake(Emulator):
    """The fake machine on a pseudo-terminal; its modes come as `extra_args`."""

    name = "fake"

    def start(self) -> None:
        if self.serial_fd >= 0:
            os.close(self.serial_fd)
        self.serial_fd, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self.serial_fd, False)
        script = Path(__file__).with_name("fake_dut.py")
        self.spawn(["/usr/bin/python3", str(script), *self.machine.extra_args], stdin=slave,
                   stdout=slave)
        os.close(slave)
