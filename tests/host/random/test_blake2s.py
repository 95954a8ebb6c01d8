# SPDX-License-Identifier: MIT
"""BLAKE2s against Python's, on messages of all lengths around a block and beyond."""

from __future__ import annotations

import hashlib
import random
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "build/test/host/server_random"


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 127, 128, 129, 1000, 70000])
def test_same_digest(size: int, seed: int) -> None:
    message = random.Random(seed).randbytes(size)
    done = subprocess.run([PROGRAM, "blake2s"], input=message, capture_output=True, check=True)
    assert done.stdout.decode().strip() == hashlib.blake2s(message).hexdigest()
