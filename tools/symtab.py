#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Link a program together with a table of its own function names.

    symtab.py --output kernel.elf -- LINK COMMAND WITHOUT -o

The kernel prints backtraces with names, so the table must be inside the image it describes. The
link is repeated until the table names the addresses of the image that holds it: an empty table
first, then one of the final size, and again only if its size moved anything.

The table lies in section `.symtab_kernel`, which does not count as kernel text:

    kernel_symbols          { u32 address, u32 offset of the name }, sorted by address
    kernel_symbol_count     u32
    kernel_symbol_names     zero-terminated names
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

Symbols = list[tuple[int, str]]

# Compilers add such suffixes to functions; other dots are NASM's local labels.
CLONE = re.compile(r"\.(constprop|isra|part|cold|lto_priv)\b")
# What the linker script defines is no function.
MARKS = re.compile(r"(kernel|text)_(start|end)")
LINKS = 5


def function_names(elf: Path) -> Symbols:
    """The functions of a linked program, by address; one name for each address."""
    listing = subprocess.run(["readelf", "--symbols", "--wide", str(elf)], check=True,
                             capture_output=True, text=True).stdout
    sections = code_sections(elf)
    found: dict[int, tuple[bool, str]] = {}
    for line in listing.splitlines():
        fields = line.split()
        if len(fields) != 8 or fields[3] not in ("FUNC", "NOTYPE") or fields[6] not in sections:
            continue
        address, is_function, name = int(fields[1], 16), fields[3] == "FUNC", fields[7]
        if MARKS.fullmatch(name) or "." in name and not CLONE.search(name):
            continue
        found[address] = max(found.get(address, (False, "")), (is_function, name))
    return sorted((address, name) for address, (_, name) in found.items())


def code_sections(elf: Path) -> set[str]:
    """The numbers of the sections that hold code."""
    listing = subprocess.run(["readelf", "--sections", "--wide", str(elf)], check=True,
                             capture_output=True, text=True).stdout
    return set(re.findall(r"\[ *(\d+)\] \S+ +PROGBITS .* A?X[A-Z]* +\d+ +\d+ +\d+$", listing,
                          re.MULTILINE))


def table_source(symbols: Symbols) -> str:
    """The table as assembly source."""
    entries, names, offset = [], [], 0
    for address, name in symbols:
        entries.append(f".long {address:#x}, {offset}")
        names.append(f'.asciz "{name}"')
        offset += len(name) + 1
    return "\n".join([
        '.section .symtab_kernel, "a", @progbits',
        ".balign 4", ".globl kernel_symbols", "kernel_symbols:", *entries,
        ".globl kernel_symbol_count", "kernel_symbol_count:", f".long {len(symbols)}",
        ".globl kernel_symbol_names", "kernel_symbol_names:", *names, ".byte 0", ".balign 4",
        '.section .note.GNU-stack, "", @progbits', ""])


def link(command: list[str], symbols: Symbols, work: Path) -> Path:
    """One link with a given table."""
    source, table, elf = work / "symtab.s", work / "symtab.o", work / "linked.elf"
    source.write_text(table_source(symbols))
    subprocess.run(["as", "--32", "-o", str(table), str(source)], check=True)
    subprocess.run([*command, str(table), "-o", str(elf)], check=True)
    return elf


def link_with_table(command: list[str], output: Path) -> None:
    """Link until the table fits the image."""
    with tempfile.TemporaryDirectory(prefix="iris-symtab-") as folder:
        symbols: Symbols = []
        for _ in range(LINKS):
            elf = link(command, symbols, Path(folder))
            names = function_names(elf)
            if names == symbols:
                output.write_bytes(elf.read_bytes())
                output.chmod(0o755)
                return
            symbols = names
    sys.exit(f"symtab.py: addresses still move after {LINKS} links")


def main() -> None:
    """The command line tool."""
    parser = argparse.ArgumentParser(description="Link with a table of function names.")
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("command", nargs="+", help="after --: the link command without -o")
    arguments = parser.parse_args()
    try:
        link_with_table(arguments.command, arguments.output)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)


if __name__ == "__main__":
    main()
