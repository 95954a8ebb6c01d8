# SPDX-License-Identifier: MIT
"""Programs to put into an image: ELF files as they are, C files compiled first.

For an image built in the Iris tree (TREE/build/VARIANT/iris.iso) the tree's Makefile compiles C
files, as `make run PROG=my.c` does. For other images a compiler driver does, called as
`iris-cc -o OUTPUT SOURCE` and looked for in $IRIS_CC and beside the image.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

from .errors import DutError


def program_elf(source: Path, build: Path) -> bytes:
    """The ELF file for a program given as ELF or as C source."""
    if not source.is_file():
        raise DutError(f"no such program: {source}")
    if source.suffix != ".c":
        return source.read_bytes()
    source, build = source.resolve(), build.resolve()
    tree = build.parent.parent
    if "IRIS_CC" not in os.environ and (tree / "harness/iris_harness/image.py").is_file():
        return _make(source, tree, build.name)
    with tempfile.TemporaryDirectory(prefix="iris-cc-") as work:
        output = Path(work, source.stem)
        _run([str(find_compiler(build)), "-o", str(output), str(source)], source)
        return output.read_bytes()


def _make(source: Path, tree: Path, variant: str) -> bytes:
    """Let the tree's Makefile compile; one at a time, as xdist workers share the build folder."""
    target = Path("build", variant, "run", source.stem)
    with (tree / "build" / ".programs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _run(["make", "-s", "-C", str(tree), f"PROG={source}", str(target)], source)
        return (tree / target).read_bytes()


def find_compiler(build: Path) -> Path:
    """The compiler driver that belongs to an image's folder."""
    candidates = [Path(os.environ["IRIS_CC"])] if "IRIS_CC" in os.environ else []
    for candidate in [*candidates, build / "iris-cc", build / "bin" / "iris-cc"]:
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    raise DutError(f"no compiler driver `iris-cc` beside the image in {build} (or set IRIS_CC)")


def _run(command: list[str], source: Path) -> None:
    """Run a compiler, away from a `make` that may have started us."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise DutError(f"cannot compile {source}:\n{done.stdout}{done.stderr}")
