#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Refuses a vDSO that old programs could not use.

    /usr/bin/python3 tools/vdso_check.py build/V/iris-vdso.so.1 vdso/vdso.abi

compares the exported symbols and their versions with the checked-in list. The list is written by
hand on purpose: a symbol that vanishes or changes its version is noticed here, and nobody adds one
without meaning to. After adding a call copy its line from build/V/gen/vdso.abi.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def exported(elf: Path) -> set[str]:
    """`name@VERSION` of all dynamic symbols; the version definitions themselves do not count."""
    output = subprocess.run(
        ["nm", "--dynamic", "--with-symbol-versions", "--format=posix", str(elf)],
        check=True, capture_output=True, text=True,
    ).stdout
    rows = (line.split() for line in output.splitlines())
    return {row[0].replace("@@", "@") for row in rows if row[1] != "A"}


def listed(path: Path) -> set[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return {line for line in lines if line and not line.startswith("#")}


def compare(elf: Path, abi: Path) -> list[str]:
    """Complaints, one line each."""
    have, want = exported(elf), listed(abi)
    return [
        *(f"{name} is in {abi} but not in {elf}: old programs need it" for name in want - have),
        *(f"{name} is in {elf} but not in {abi}: add it there" for name in have - want),
    ]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: vdso_check.py ELF vdso.abi", file=sys.stderr)
        return 2
    complaints = compare(Path(arguments[0]), Path(arguments[1]))
    for line in sorted(complaints):
        print(f"vdso_check: {line}", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
