# SPDX-License-Identifier: MIT
"""Checks of who may know whom, and of what lies where."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import files

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
ASM = re.compile(r"\b(?:__)?asm(?:__)?\b\s*(?:volatile|__volatile__)?\s*\(")
USER = ("servers", "drivers", "programs", "examples", "libc", "vdso", "tests/user")
SHARED = ("servers/lib", "programs/lib", "tests/user/lib", "libc")
# Names the C standard gives to freestanding code; all that headers of the ABI may lean on.
FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "limits.h", "stdalign.h",
                "stdnoreturn.h"}
ARCH = Path("kernel/arch/ia32")
CONTRACT = "arch.h"


def _includes(path: Path) -> list[tuple[str, str]]:
    return INCLUDE.findall(path.read_text(errors="replace"))


def _under(path: Path, *folders: str) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _kernel_layers(path: Path, arch_headers: set[str]) -> Iterator[str]:
    """The portable core knows arch.h, and nothing else of a processor."""
    for _, name in _includes(path):
        if name.rpartition("/")[2] in arch_headers and path.name != CONTRACT:
            yield f"{path}: includes {name} of {ARCH}; portable files know only {CONTRACT}"
        if name.startswith("arch/") or "../" in name:
            yield f"{path}: includes {name}"
    if ASM.search(path.read_text(errors="replace")):
        yield f"{path}: inline assembly belongs to {ARCH}"


def _abi_layers(path: Path) -> Iterator[str]:
    """Headers of the ABI lean on each other and on freestanding C only."""
    for _, name in _includes(path):
        if not name.startswith("iris/") and name not in FREESTANDING:
            yield f"{path}: the ABI includes {name}"


def _user_layers(path: Path, kernel_headers: set[str]) -> Iterator[str]:
    """Programs see the ABI, their own folder and the shared libraries."""
    own = {file.name for file in path.parent.glob("*.h")}
    shared = {file.name for folder in SHARED for file in Path(folder).glob("*.h")}
    for quote, name in _includes(path):
        if name.startswith("../") and Path(
                os.path.normpath(path.parent / name)).parent not in map(Path, SHARED):
            yield f"{path}: includes {name} of another program"
        base = name.rpartition("/")[2]
        if quote == '"' and base in kernel_headers and base not in own | shared:
            yield f"{path}: includes {name}, an internal header of the kernel"


def layers() -> Iterator[str]:
    """Kernel, processor, ABI and programs keep their distance."""
    arch_headers = {path.name for path in ARCH.glob("*.h")}
    kernel_headers = {path.name for path in Path("kernel").glob("*.h")} | arch_headers
    for path in files.c_files():
        if path.parent == Path("kernel"):
            yield from _kernel_layers(path, arch_headers)
        elif _under(path, "kernel/include"):
            yield from _abi_layers(path)
        elif _under(path, *USER):
            yield from _user_layers(path, kernel_headers)


def folders() -> Iterator[str]:
    """The folders of docs/architecture.md, and nothing else at the top."""
    for name in sorted(os.listdir(".")):
        if Path(name).is_dir() and name not in files.TOP + files.TOLERATED + tuple(files.SKIPPED):
            yield f"{name}: not a folder of this repository (tools/check/files.py lists them)"
    for name in files.TOP:
        if not Path(name).is_dir():
            yield f"{name}: missing"
    for folder in sorted(Path("examples").glob("*/")):
        if folder.is_dir() and not (folder / "README.md").exists():
            yield f"{folder}: an example needs a README.md"
    for kind in ("servers", "drivers", "programs"):
        for folder in sorted(Path(kind).glob("*/")):
            if folder.is_dir() and folder.name not in files.SKIPPED and not any(
                    folder.glob("*.[chS]")) and not any(folder.glob("*.asm")):
                yield f"{folder}: a program without sources"
    for path in files.all_files():
        if path.parent == ARCH.parent or path.parent == Path("kernel/include"):
            yield f"{path}: nothing lies here but folders"
