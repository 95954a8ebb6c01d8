# SPDX-License-Identifier: MIT
"""The machines of one test: which it got, how they are judged, where they go afterwards."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path

import pytest

from .dut import Dut, UnlaunchedDut
from .errors import DutError
from .pool import DutPool
from .protocol import longest_stay
from .sharing import SESSION

LONGEST_STAY = "longest_stay"  # a test's property: emulator, cycles, place


class ItemState:
    """Kept with the test item from the set-up of its first machine to the tear-down."""

    def __init__(self, item: pytest.Item, logs: Path, pool: DutPool) -> None:
        self.item = item
        self.pool = pool
        self.failed = False
        self.checked = False
        self.duts: list[Dut] = []
        self._keys: dict[int, Hashable] = {}
        self._first_lines: dict[int, int] = {}
        self.log = logs / (log_name(item.nodeid) + ".log")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")

    def add(self, dut: Dut) -> None:
        """A machine is about to start for this test."""
        self.duts.append(dut)
        self._first_lines[id(dut)] = 0
        dut.console.panic_expected = self.item.get_closest_marker("expects_panic") is not None

    def share(self, scope: str, config: UnlaunchedDut) -> Dut:
        """A machine other tests may have used and will use, at its prompt."""
        key = (scope, config.emulator, str(config.iso), config.cmdline, config.memory, config.cpu,
               config.icount, repr((config.programs, config.only, config.drives,
                                    config.extra_args, config.bochs_options)))
        self.pool.drop_others({scope, SESSION})
        dut, used = self.pool.acquire(key, config.launch)
        self._keys[id(dut)] = key
        if used:
            self.add(dut)
            lines = dut.console.screen.lines
            self._first_lines[id(dut)] = len(lines)
            previous = dut.config.log.name if dut.config.log else "another test"
            self.log.write_text(f"# This boot is shared. Its start is in {previous}\n")
            dut.console.log_to(self.log)
            dut.console.position = len(dut.console.text)
        dut.shell.wait_prompt_if_needed()
        return dut

    def check(self) -> None:
        """Judge every machine after the test function passed."""
        marker = self.item.get_closest_marker("leaks")
        tolerated: dict[str, int] | None = {}
        if marker is not None:
            allowed = dict(marker.kwargs)
            if not (allowed.pop("reason", None) or marker.args):
                raise DutError("marker leaks needs a reason")
            tolerated = allowed or None
        for dut in self.duts:
            dut.check(tolerated)
            if stay := longest_stay(dut.console.screen.text(self._first_lines[id(dut)])):
                self.item.user_properties.append((LONGEST_STAY, (dut.config.emulator, *stay)))
        self.checked = True

    def finish(self) -> None:
        """Keep healthy shared machines for the next test, close all others."""
        healthy = (self.checked and not self.failed
                   and self.item.get_closest_marker("leaks") is None)
        for dut in self.duts:
            dut.console.log_to(None)
            key = self._keys.get(id(dut))
            if key is not None and healthy:
                self.pool.release(key, dut)
            else:
                dut.close()

    def log_lines(self) -> list[str]:
        """What all machines printed during this test, with names for addresses."""
        lines: list[str] = []
        for index, dut in enumerate(self.duts):
            if len(self.duts) > 1:
                lines.append(f"--- machine {index + 1} ---")
            lines += dut.failure_lines(self._first_lines[id(dut)])
        return lines


ITEM = pytest.StashKey[ItemState]()


def log_name(nodeid: str) -> str:
    """A file name for a test: its id, without what file names should not hold."""
    path, _, rest = nodeid.partition("::")
    name = path.removesuffix(".py").replace("/", ".") + "." + rest.replace("::", ".")
    name = re.sub(r"[^A-Za-z0-9._\[\]=+-]+", "_", re.sub(r"@[^@\]]*\Z", "", name))
    return name[:200]
