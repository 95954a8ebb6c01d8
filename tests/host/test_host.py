# SPDX-License-Identifier: MIT
"""Runs the unit tests that are compiled for the host (tests/host/*.c).

Each C file there is one program, built by the Makefile with AddressSanitizer and
UndefinedBehaviorSanitizer; it includes the files it tests and fails with a message. Tests with
random operations take their seed from IRIS_SEED.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SOURCES = sorted(Path(__file__).parent.glob("*.c"))
PROGRAMS = Path(__file__).parent.parent.parent / "build" / "test" / "host"


@pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
def test_host(source: Path, seed: int) -> None:
    program = PROGRAMS / source.stem
    assert program.exists(), f"{program} is not built: run it through `make test`"
    assert program.stat().st_mtime >= source.stat().st_mtime, "the program is older than its source"
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, "IRIS_SEED": str(seed)})
    assert done.returncode == 0, f"{program.name}:\n{done.stdout}{done.stderr}"
