# SPDX-License-Identifier: MIT
"""Tests of Iris systems with pytest, in QEMU and in Bochs: see README.md of this package."""

from .dut import Dut, UnlaunchedDut
from .emulator import Emulator, Machine, register_emulator
from .errors import (AuditFailure, CommandFailure, DutError, DutExited, DutTimeout,
                     GuestPanic, GuestTestFailure, UnexpectedOutput)
from .bochs import Bochs
from .protocol import GuestTest, guest_test
from .qemu import Qemu
from .shell import ExecResult, Shell

__version__ = "0.1.0"

# Loading this package as a plugin (`-p iris_harness`, or installed) loads the real one.
pytest_plugins = ("iris_harness.plugin",)

__all__ = [
    "AuditFailure", "Bochs", "CommandFailure", "Dut", "DutError", "DutExited", "DutTimeout",
    "Emulator", "ExecResult", "GuestPanic", "GuestTest", "GuestTestFailure", "Machine", "Qemu",
    "Shell", "UnexpectedOutput", "UnlaunchedDut", "guest_test", "register_emulator",
]
