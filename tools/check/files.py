# SPDX-License-Identifier: MIT
"""The source files of the repository."""

from __future__ import annotations

import functools
import os
from pathlib import Path

TOP = ("boot", "docs", "drivers", "examples", "harness", "kernel", "libc", "programs", "servers",
       "tests", "tools", "vdso")
# What may lie beside them: build output and what belongs to git, editors and CI.
TOLERATED = (".ci", ".git", "build")
SKIPPED = {"__pycache__", ".pytest_cache", ".hypothesis", "build"}
CODE = {".c", ".h"}
SOURCES = CODE | {".asm", ".inc", ".S", ".ld", ".py", ".toml", ".idl", ".j2", ".lark", ".sh",
                  ".ini", ".cfg", ".pml", ".map", ".abi", ".conf"}


@functools.cache
def all_files() -> tuple[Path, ...]:
    """Every file of the work tree that is not build output, in order."""
    found = [Path(name) for name in os.listdir(".") if Path(name).is_file()]
    for top in (*TOP, ".ci"):
        for folder, folders, names in os.walk(top):
            folders[:] = [f for f in folders if f not in SKIPPED and not f.endswith(".egg-info")]
            found += [Path(folder, name) for name in names if not name.endswith(".pyc")]
    return tuple(sorted(found))


@functools.cache
def source_files() -> tuple[Path, ...]:
    """Files that hold code: by suffix, or by a first line that names an interpreter."""
    return tuple(path for path in all_files()
                 if path.suffix in SOURCES or path.name == "Makefile" or _is_script(path))


def c_files() -> list[Path]:
    """C sources and headers."""
    return [path for path in all_files() if path.suffix in CODE]


def _is_script(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"#!"
