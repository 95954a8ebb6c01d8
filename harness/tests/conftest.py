# SPDX-License-Identifier: MIT
"""Fixtures of the harness's own tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fake_emulator  # noqa: E402, F401  (registers the emulator "fake")
from iris_harness.dut import Dut, Settings, UnlaunchedDut  # noqa: E402


@pytest.fixture
def fake(tmp_path: Path) -> Generator[Callable[..., Dut], None, None]:
    """`fake("redraw", ...)` starts a fake machine in these modes."""
    duts: list[Dut] = []

    def launch(*modes: str, timeout: float = 5.0) -> Dut:
        iso = tmp_path / "fake.iso"
        iso.touch()
        config = UnlaunchedDut(iso, "fake", Settings(base_timeout=timeout),
                               extra_args=list(modes), log=tmp_path / "serial.log")
        duts.append(config.launch())
        return duts[-1]
    yield launch
    for dut in duts:
        dut.close()
