# SPDX-License-Identifier: MIT
"""One list makes many things: every call has a manual page, an example, a trace name and a test."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import files

CALLS = Path("kernel/abi/calls.toml")
GENERATED = Path("build/debug/gen")
LISTS = {"calls", "errors", "events"}  # pages that are one
SHORT = 40  # a text with fewer characters explains nothing


def _words_of(paths: list[Path]) -> set[str]:
    """All identifiers in some files."""
    words: set[str] = set()
    for path in paths:
        words.update(re.findall(r"\w+", path.read_text(errors="replace")))
    return words


def calls() -> Iterator[str]:
    """What the list of calls promises is there."""
    listed = tomllib.loads(CALLS.read_text())["call"]
    tests = _words_of([p for p in files.source_files() if p.parts[0] == "tests"])
    table = _words_of(list(GENERATED.rglob("syscall_table.h")))
    exported = _words_of([Path("vdso/vdso.abi")])
    numbers: dict[int, str] = {}
    for call in listed:
        name = call["name"]
        if (other := numbers.setdefault(call["number"], name)) != name:
            yield f"{CALLS}: {name} and {other} have the same number"
        if len(call.get("text", "")) < SHORT:
            yield f"{CALLS}: {name} has no text for its manual page"
        if not (GENERATED / "man" / name).is_file():
            yield f"{CALLS}: {name} has no manual page in {GENERATED}/man"
        if name not in table:
            yield f"{CALLS}: {name} has no trace name in the generated table"
        if f"iris_{name}" not in exported:
            yield f"{CALLS}: the vDSO does not export iris_{name}"
        if f"iris_{name}" not in tests:
            yield f"{CALLS}: no file under tests/ uses iris_{name}"


def examples() -> Iterator[str]:
    """Each manual page has one, and each example a page."""
    pages = {path.name for path in GENERATED.glob("man/[!.]*")}
    written = {path.stem for path in Path("docs/man/examples").glob("*.c")}
    for name in sorted(pages - LISTS - written):
        yield f"docs/man/examples/{name}.c: the manual page {name} has no example"
    for name in sorted(written - pages):
        yield f"docs/man/examples/{name}.c: there is no manual page of that name"
    for path in (GENERATED / "man" / name for name in pages):
        if path.read_text().count("\nEXAMPLE\n") > 1:
            yield f"docs/man/{path.name}.txt: its example belongs into docs/man/examples"
        for line in path.read_text().splitlines():
            if len(line) > 78:
                yield f"docs/man: {path.name}: longer than 78 columns: {line.strip()}"
