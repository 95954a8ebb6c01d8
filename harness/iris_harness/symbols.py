# SPDX-License-Identifier: MIT
"""Addresses in panic screens and fault reports, turned into names."""

from __future__ import annotations

import bisect
import io
import re
from functools import lru_cache
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from .image import Image, ImageError

_FRAME = re.compile(r"^(.*#\d+\s+0x([0-9a-fA-F]{6,8}))\s*$")
_FAULT = re.compile(r"fault: (\S+) \(pid \d+\)")
_EIP = re.compile(r"\beip[=: ]\s*(?:0x)?([0-9a-fA-F]{8})\b", re.IGNORECASE)
_KERNEL_BASE = 0xC0000000
_VDSO = range(0xBFFE0000, _KERNEL_BASE)  # IRIS_VDSO_BASE of <iris/layout.h>


class Symbols:
    """The function and object symbols of one ELF file."""

    def __init__(self, elf: bytes) -> None:
        self._by_name: dict[str, int] = {}
        entries: list[tuple[int, int, str]] = []
        for section in ELFFile(io.BytesIO(elf)).iter_sections():
            if not isinstance(section, SymbolTableSection):
                continue
            for symbol in section.iter_symbols():
                if symbol["st_shndx"] == "SHN_UNDEF" or not symbol.name:
                    continue
                self._by_name.setdefault(symbol.name, symbol["st_value"])
                if symbol["st_info"]["type"] in ("STT_FUNC", "STT_NOTYPE"):
                    entries.append((symbol["st_value"], symbol["st_size"], symbol.name))
        self._entries = sorted(entries)
        self._starts = [entry[0] for entry in self._entries]

    def lookup(self, name: str) -> int:
        """The address of a symbol; KeyError if there is none."""
        return self._by_name[name]

    def describe(self, address: int) -> str | None:
        """`function+0xoffset`, or None if no symbol covers the address."""
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        start, size, name = self._entries[index]
        # Assembly symbols often have no size: the next symbol ends them.
        if size and address >= start + size:
            return None
        return f"{name}+{address - start:#x}"


@lru_cache(maxsize=64)
def _load(path: Path, _stamp: float) -> Symbols | None:
    try:
        return Symbols(Image.read(path).kernel if path.suffix == ".iso" else path.read_bytes())
    except (OSError, ELFError, ImageError):
        return None


def load_symbols(path: Path) -> Symbols | None:
    """The symbols of an ELF file, or of the kernel in an image, read once; None: cannot be read."""
    try:
        return _load(path, path.stat().st_mtime)
    except OSError:
        return None


def symbolise(lines: list[str], image: Path) -> list[str]:
    """Add names to bare addresses in backtraces.

    Beside the image are `iris.elf` and `programs/`, or else the kernel in it has to do; lines that
    have a name already stay as they are. Addresses below the vDSO are looked up in the program
    that faulted last.
    """
    directory = image.parent
    program: Symbols | None = None
    result = []
    for line in lines:
        if fault := _FAULT.search(line):
            program = load_symbols(directory / "programs" / Path(fault[1]).name)
        bare = _FRAME.match(line)
        found = (bare[2] if bare else None) or ((eip := _EIP.search(line)) and eip[1])
        if found:
            name = _describe(int(found, 16), image, program)
            if name and name.split("+")[0] not in line:
                line = f"{line.rstrip()}  <{name}>"
        result.append(line)
    return result


def _describe(address: int, image: Path, program: Symbols | None) -> str | None:
    """The name of an address in the kernel, the vDSO, or the program that faulted."""
    directory = image.parent
    if address in _VDSO:
        vdso = (load_symbols(directory / "iris-vdso.debug")
                or load_symbols(directory / "iris-vdso.so.1"))
        return vdso.describe(address - _VDSO.start) if vdso else None
    kernel = load_symbols(directory / "iris.elf") or load_symbols(image)
    table = kernel if address >= _KERNEL_BASE else program
    return table.describe(address) if table else None
