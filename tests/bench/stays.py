# SPDX-License-Identifier: MIT
"""Addresses and names of the release kernel, and the stays in it that the plugin has recorded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from iris_harness.symbols import Symbols

DIRECT_MAP = 0xC0000000
USER = (0x00400000, 0xC0000000)
VDSO = 0xBFFE0000
LEAST_SHOWN = 200


class Kernel:
    """A build's kernel and vDSO."""

    def __init__(self, build: Path) -> None:
        self.path = build / "kernel.elf"
        self.symbols = Symbols(self.path.read_bytes())
        self.vdso = Symbols((build / "iris-vdso.debug").read_bytes())

    @property
    def entry(self) -> int:
        """Physical address of the first instruction; paging is off then."""
        with self.path.open("rb") as stream:
            return ELFFile(stream).header["e_entry"] - DIRECT_MAP

    def boot_options(self) -> list[str]:
        """For the plugin: a window from the kernel's first instruction to the first in user
        space."""
        return [f"from={self.entry:#x}", f"to={USER[0]:#x}-{USER[1]:#x}"]

    def name(self, address: int) -> str:
        """The function at an address."""
        table, base = (self.vdso, VDSO) if VDSO <= address < DIRECT_MAP else (self.symbols, 0)
        found = table.describe(address - base) or hex(address)
        return found.partition("+")[0].partition("..@")[0]


@dataclass
class Run:
    """Instructions one after the other."""

    length: int
    profile: list[tuple[str, int]]  # functions and their share, most first; of the first 16,384

    def told(self) -> str:
        """Where they went, in a line."""
        return ",".join(f"{name}:{count}" for name, count in self.profile[:6])


@dataclass
class Way:
    """A way into the kernel, and the longest stay and stretch that it led to."""

    entry: str  # the stub
    call: str   # the vDSO's function that asked for it, or "-"
    stay: Run
    stretch: Run

    def place(self) -> str:
        """Entry and call in a word."""
        return self.entry if self.call == "-" else f"{self.entry}:{self.call}"


def read_ways(path: Path, kernel: Kernel) -> list[Way]:
    """What the plugin has written."""
    def run(found: dict) -> Run:
        functions = Counter(kernel.name(address) for address in found["profile"])
        return Run(found["length"], functions.most_common())
    return [Way(kernel.name(found["entry"]), kernel.name(found["user"]) if found["user"] else "-",
                run(found["stay"]), run(found["stretch"]))
            for found in map(json.loads, path.read_text().splitlines())]


def figure_stays(ways: list[Way], figure: Callable[..., None], work: str) -> None:
    """The longest, with place and profile; and every entry that takes long.

    Between two looks at the interrupt controller is a stretch: so long may an interrupt have to
    wait before the kernel hurries out. The stay is longer where nothing was pending. The audit,
    a tool for tests, has a figure of its own: it leaves when an interrupt comes, and begins anew.
    """
    audits = [way for way in ways if way.call == "iris_trace_control"]
    ways = [way for way in ways if way not in audits]
    for way in audits:
        figure("irq_audit_unchecked", way.stretch.length, "instructions", work=work,
               info={"stay": way.stay.length, "profile": way.stretch.told()})
    for name, part in (("irq_off", "stay"), ("irq_unchecked", "stretch")):
        longest = max(ways, key=lambda way, part=part: getattr(way, part).length)
        run = getattr(longest, part)
        figure(f"{name}_max", run.length, "instructions", work=work,
               info={"place": longest.place(), "profile": run.told()})
    for way in sorted(ways, key=lambda way: -way.stay.length):
        if way.stay.length >= LEAST_SHOWN:
            for part, run in (("stay", way.stay), ("unchecked", way.stretch)):
                figure("kernel_stay", run.length, "instructions", work=work, entry=way.entry,
                       call=way.call, part=part, info={"profile": run.told()})
