#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The habits of this repository, checked (`make check`).

    check.py [NAME...]    run the named checks, or all; says what is wrong and exits with 1

A check is a function that yields complaints, one line each, beginning with the file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.dont_write_bytecode = True

import layers  # noqa: E402
import lists  # noqa: E402
import style  # noqa: E402

CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "format": style.clang_format,
    "text": style.text,
    "licence": style.licence,
    "python": style.python,
    "folders": layers.folders,
    "layers": layers.layers,
    "lists": lists.calls,
    "examples": lists.examples,
    "cppcheck": style.cppcheck,
}


def main() -> int:
    """Run the checks; returns the exit status."""
    os.chdir(Path(__file__).resolve().parent.parent.parent)
    names = sys.argv[1:] or list(CHECKS)
    if unknown := [name for name in names if name not in CHECKS]:
        print(f"check: there is no check {unknown[0]}; there are {', '.join(CHECKS)}")
        return 2
    failed = 0
    for name in names:
        complaints = list(CHECKS[name]())
        print(f"check {name}: {f'{len(complaints)} complaints' if complaints else 'ok'}")
        for complaint in complaints:
            print(f"  {complaint}")
        failed += bool(complaints)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
