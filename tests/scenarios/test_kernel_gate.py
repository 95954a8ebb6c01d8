# SPDX-License-Identifier: MIT
"""The same kernel image through the interrupt gate: the same programs, the same results."""

from __future__ import annotations

import pytest

from kernel_programs import ONLY, Program, combinations, door, run

pytestmark = pytest.mark.boot(only=ONLY)


@pytest.mark.parametrize(("cmdline", "program"),
                         combinations("door=gate", "door=gate fastpath=off"))
def test_program(shell, rounds, cmdline: str, program: Program) -> None:
    run(shell, program, rounds)


@pytest.mark.boot(cmdline="door=gate")
def test_gate_is_the_door(shell) -> None:
    assert door(shell).startswith("gate")
