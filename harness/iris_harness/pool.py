# SPDX-License-Identifier: MIT
"""Boots shared between tests.

A device under test is kept running for the next test with the same key (emulator, machine,
image, scope) unless its test failed or asked for a boot of its own. At most `LIMIT` machines are
kept per pytest worker; the one unused longest goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from .dut import Dut

LIMIT = 12  # machines differ mostly by emulator and kernel command line; 100 MB each


class DutPool:
    """The machines that wait for their next test."""

    def __init__(self) -> None:
        self._idle: OrderedDict[Hashable, Dut] = OrderedDict()

    def acquire(self, key: Hashable, launch: Callable[[], Dut]) -> tuple[Dut, bool]:
        """A machine for the key and whether it is one used before."""
        dut = self._idle.pop(key, None)
        if dut is not None and dut.alive:
            dut.emulator.suspend(False)
            return dut, True
        if dut is not None:
            dut.close()
        return launch(), False

    def release(self, key: Hashable, dut: Dut) -> None:
        """Keep a healthy machine for later."""
        if not dut.alive:
            dut.close()
            return
        dut.emulator.suspend(True)
        self._idle[key] = dut
        while len(self._idle) > LIMIT:
            self._idle.popitem(last=False)[1].close()

    def drop_others(self, scopes: set[str]) -> None:
        """Close machines whose key does not start with one of these scopes."""
        for key in [key for key in self._idle if isinstance(key, tuple) and key[0] not in scopes]:
            self._idle.pop(key).close()

    def close(self) -> None:
        """Close them all."""
        while self._idle:
            self._idle.popitem()[1].close()
