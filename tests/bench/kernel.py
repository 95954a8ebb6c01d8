# SPDX-License-Identifier: MIT
"""Addresses and names of the release kernel, and stays in it as the plugin has recorded them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from iris_harness.symbols import Symbols

DIRECT_MAP = 0xC0000000
USER = (0x00400000, 0xC0000000)
VDSO = 0xBFFE0000


class Kernel:
    """A build's kernel and vDSO."""

    def __init__(self, build: Path) -> None:
        self.path = build / "kernel.elf"
        self.symbols = Symbols(self.path)
        self.vdso = Symbols(build / "iris-vdso.debug")

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
        return (table.describe(address - base) or hex(address)).partition("+")[0].partition("..@")[0]


@dataclass
class Stay:
    """The longest stay in the kernel by one way of entry."""

    entry: str  # the stub
    call: str   # the vDSO's function that asked for it, or "-"
    longest: int
    times: int  # so far, when it was written
    profile: list[tuple[str, int]]  # functions and their instructions, most first

    def place(self) -> str:
        """Entry and call in a word."""
        return self.entry if self.call == "-" else f"{self.entry}:{self.call}"


def read_stays(path: Path, kernel: Kernel) -> list[Stay]:
    """What the plugin has written, the longest first."""
    stays = []
    for line in path.read_text().splitlines():
        found = json.loads(line)
        functions = Counter(kernel.name(address) for address in found["profile"])
        stays.append(Stay(kernel.name(found["entry"]),
                          kernel.name(found["user"]) if found["user"] else "-",
                          found["longest"], found["times"], functions.most_common()))
    return sorted(stays, key=lambda stay: -stay.longest)
