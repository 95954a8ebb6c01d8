#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Merge our part of the C library and newlib into one archive.

    merge.py OUTPUT NEWLIB OBJECT...

A linker takes whichever definition it meets first, and in one archive that can be either's. So
what the objects define is no longer global in newlib's members, and a member is left out that has
nothing else to offer.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path


def defined(files: list[str]) -> dict[str, set[str]]:
    """Global symbols by the object, or the archive's member, that defines them."""
    output = subprocess.run(["nm", "-gA", "--defined-only", *files], check=True,
                            capture_output=True, text=True).stdout
    found = defaultdict(set)
    for line in output.splitlines():
        where, *_, name = line.split()
        found[where.split(":")[-2]].add(name)
    return found


def hide(member: Path, symbols: set[str]) -> None:
    """Make symbols of an object local to it."""
    options = [f"--localize-symbol={symbol}" for symbol in sorted(symbols)]
    subprocess.run(["objcopy", *options, str(member)], check=True)


def main() -> int:
    """The command line tool; returns its exit status."""
    output, newlib, *objects = sys.argv[1:]
    ours = set().union(*defined(objects).values())
    Path(output).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["ar", "x", str(Path(newlib).resolve())], cwd=folder, check=True)
        for member, symbols in defined([newlib]).items():
            if symbols <= ours:
                (folder / member).unlink()
            elif symbols & ours:
                hide(folder / member, symbols & ours)
        rest = sorted(str(path) for path in folder.iterdir())
        subprocess.run(["ar", "rcsD", output, *objects, *rest], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
