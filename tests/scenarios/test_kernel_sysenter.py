# SPDX-License-Identifier: MIT
"""The kernel through SYSENTER: with the fast path, and with the C path alone.

Rows 1-6 (first form), 8-14, 21, 22, 30-32, 36, 38, 40; attacks 1, 4-6, 14-17, 21, 22, 25, 26, 29.
"""

from __future__ import annotations

import pytest

from kernel_programs import ONLY, Program, combinations, door, run

pytestmark = pytest.mark.boot(only=ONLY)


@pytest.mark.parametrize(("cmdline", "program"), combinations("", "fastpath=off"))
def test_program(shell, rounds, cmdline: str, program: Program) -> None:
    run(shell, program, rounds)


@pytest.mark.boot(cmdline="fastpath=off")
def test_fast_path_is_off(shell) -> None:
    assert door(shell) == "SYSENTER, fast path off"


def test_fast_path_is_on(shell) -> None:
    assert door(shell) == "SYSENTER, fast path on"
