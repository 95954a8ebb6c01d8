#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Merge our part of the C library and newlib into one archive.

    merge.py OUTPUT NEWLIB OBJECT...

A linker takes whichever definition it meets first, and in one archive that can be either's. So a
member of newlib whose symbols the objects define is left out; one that they define only in part
could be half needed, and is an error.
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


def replaced(newlib: str, objects: list[str]) -> list[str]:
    """The members of newlib that the objects stand for."""
    ours = set().union(*defined(objects).values())
    members = []
    for member, symbols in defined([newlib]).items():
        if common := symbols & ours:
            if symbols - ours:
                raise SystemExit(f"merge: newlib's {member} has {sorted(common)} as we do, but also "
                                 f"{sorted(symbols - ours)}")
            members.append(member)
    return members


def main() -> int:
    """The command line tool; returns its exit status."""
    output, newlib, *objects = sys.argv[1:]
    without = replaced(newlib, objects)
    Path(output).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["ar", "x", str(Path(newlib).resolve())], cwd=folder, check=True)
        rest = sorted(str(path) for path in Path(folder).iterdir() if path.name not in without)
        subprocess.run(["ar", "rcsD", output, *objects, *rest], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
